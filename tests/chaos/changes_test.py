"""Recycling, reloading, stopping and starting under load: planned changes lose nothing."""
import os
import random
import threading
import time
import unittest

from load import Load
from osmia_server import ServerTest, is_running, pool, site, wait_for

ROUNDS = 50 if os.environ.get("OSMIA_SLOW") == "1" else 10
CONNECTIONS = 32


def variable(value):
    return f'<environmentVariables><add name="ROUND" value="{value}"/></environmentVariables>'


class Changes(ServerTest):
    def setUp(self):
        super().setUp()
        self.place.add_example("vars", "sleep_pending", "hello", "slow_stream")
        self.start()

    def start(self):
        self.sites = [site("s", 1, "a", self.place.site)]
        self.server = self.serve("--config", self.configure([pool("a")], self.sites)).listening()
        self.assertEqual(self.server.get("/hello.so")[0], 200)

    def check(self, load, what):
        print(f"\n{ROUNDS} {what}: {load.report}")
        load.check(self)

    def test_no_request_fails_while_pools_are_recycled(self):
        pids = set()
        with Load(self.server.port, connections=CONNECTIONS) as load:
            for _ in range(ROUNDS):
                self.server.osmia("recycle", "pool", "a")
                pids |= {one["pid"] for one in self.server.workers() if one["state"] == "running"}
                time.sleep(random.uniform(0, 0.05))
        self.check(load, "recycles")
        self.assertGreaterEqual(len(pids), ROUNDS)
        wait_for(lambda: len(self.server.workers()) == 1, "the old workers end")
        self.assertNotIn("died", self.server.text())

    def test_recycles_asked_for_at_the_same_time_coalesce_and_all_return(self):
        with Load(self.server.port, connections=4) as load:
            threads = [threading.Thread(target=self.server.osmia, args=("recycle", "pool", "a")) for _ in range(10)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            self.assertFalse(any(thread.is_alive() for thread in threads))
        self.check(load, "recycles at once")

    def test_an_old_worker_finishes_what_it_has(self):
        answers = []
        with self.server.connect() as connection:
            connection.send_request("/slow_stream.so?lines=20&ms=50")
            connection.read_until(b"line 1\n")
            old = self.server.workers()[0]["pid"]
            for _ in range(4):
                threading.Thread(target=lambda: answers.append(self.server.get("/sleep_pending.so?s=1"))).start()
            wait_for(lambda: len(self.server.json("list", "requests")) >= 5, "all are running")
            self.server.osmia("recycle", "pool", "a")
            self.assertEqual(self.server.get("/hello.so")[0], 200)
            connection.read_until(b"line 20\n")
        wait_for(lambda: len(answers) == 4, "the pending ones are answered")
        self.assertEqual(answers, [(200, "slept\n")] * 4)
        wait_for(lambda: not is_running(old), "the old worker ends")
        self.assertNotIn("died", self.server.text())

    def test_no_request_fails_while_the_configuration_is_reloaded(self):
        with Load(self.server.port, connections=CONNECTIONS) as load:
            for number in range(ROUNDS):
                extra = [pool(f"extra{number}")]
                self.configure([pool("a", "", variable(number)), *extra], [*self.sites, site(f"x{number}", 100 + number, f"extra{number}", self.place.site,
                                                                                      f"127.0.0.1:0:x{number}.example")])
                told = self.server.osmia("reload").stdout
                self.assertIn("pool a: changed, recycled", told)
                self.assertIn(f"pool extra{number}: added", told)
                (self.place.folder / "applicationHost.config").write_text("<configuration>")
                self.server.osmia("reload", status=1)
        self.check(load, "reloads and as many refused ones")
        self.assertNotIn("died", self.server.text())

    def test_a_stopped_pool_answers_503_and_a_started_one_200_and_nothing_in_between(self):
        statuses, stop = [], threading.Event()

        def ask():
            while not stop.is_set():
                statuses.append(self.server.request("/hello.so").status)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(ROUNDS):
                self.server.osmia("stop", "pool", "a")
                self.assertEqual(self.server.request("/hello.so").status, 503)
                self.assertEqual(self.server.workers(), [])
                self.server.osmia("start", "pool", "a")
                self.assertEqual(self.server.request("/hello.so").status, 200)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(set(statuses), {200, 503})
        self.assertNotIn("died", self.server.text())

    def test_a_drain_ends_every_request_that_has_begun(self):
        answers = []

        def ask():
            answers.append(self.server.get("/sleep_pending.so?s=1"))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(self.server.json("list", "requests")) == 8, "all are running")
        self.assertEqual(self.server.end(), 0)
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [(200, "slept\n")] * 8)


if __name__ == "__main__":
    unittest.main()
