"""Pools on one listener do not wait for each other."""
import threading
import unittest

from osmia_server import ServerTest, application, pool, site, wait_for


class FairnessTest(ServerTest):
    def test_a_slow_pool_delays_no_other(self):
        self.place.add_example("sleep_pending")
        (self.place.site / "page.txt").write_text("hello")
        sites = [site("One", 1, "Quick", self.place.site, more=application("/slow", "Slow", self.place.site))]
        server = self.serve("--config", self.configure([pool("Quick"), pool("Slow")], sites)).listening()
        self.assertEqual(server.get("/page.txt")[0], 200)
        self.assertEqual(server.get("/slow/page.txt")[0], 200)
        server.osmia("stop", "pool", "Slow")
        self.assertEqual(server.get("/slow/page.txt")[0], 503)
        self.assertEqual(server.get("/page.txt")[0], 200)
        server.osmia("start", "pool", "Slow")
        # Every one of these is under way in the slow pool until it is told to stop waiting.
        for _ in range(100):
            threading.Thread(target=self._ask, args=(server, "/slow/sleep_pending.so?s=600"), daemon=True).start()
        wait_for(lambda: len(self.slow(server)) == 100, "a hundred slow requests")
        for _ in range(200):
            self.assertEqual(server.get("/page.txt")[0], 200)
        self.assertEqual(len(self.slow(server)), 100, "not one of them has ended: the others did not wait for them")

    @staticmethod
    def slow(server):
        return [one for one in server.json("list", "requests") if one["pool"] == "Slow"]

    @staticmethod
    def _ask(server, target):
        try:
            server.request(target)
        except (OSError, EOFError):
            pass


if __name__ == "__main__":
    unittest.main()
