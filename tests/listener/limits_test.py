"""Limits of sites and connections, and the counters that show what came of them."""
import contextlib
import time
import unittest

from osmia_server import ServerTest, pool, site, wait_for


class LimitsTest(ServerTest):
    def serve_sites(self, *more):
        (self.place.site / "page.txt").write_text("hello")
        self.place.add_example("hello")
        """Sites S1, S2 ... on one socket; the host s1, s2 ... chooses."""
        sites = [site(f"S{i}", i, "P", self.place.site, f"127.0.0.1:0:s{i}").replace("</bindings>", f"</bindings>{text}")
                 for i, text in enumerate(more, 1)]
        return self.serve("--config", self.configure([pool("P")], sites)).listening()

    def numbers(self, server, name):
        return next(one for one in server.json("list", "sites") if one["name"] == name)

    def test_a_site_takes_as_many_connections_as_it_may(self):
        server = self.serve_sites('<limits maxConnections="2"/>', "")
        s1, s2 = [("Host", "s1")], [("Host", "s2")]
        with contextlib.ExitStack() as stack:
            first, second, third, other = (stack.enter_context(server.connect()) for _ in range(4))
            self.assertEqual([one.request("/page.txt", headers=s1).status for one in (first, second)], [200, 200])
            refused = third.request("/page.txt", headers=s1)
            self.assertEqual((refused.status, refused.header("Connection")), (503, "close"))
            self.assertTrue(third.is_closed())
            self.assertEqual(other.request("/page.txt", headers=s2).status, 200)
            self.assertEqual(other.request("/page.txt", headers=s1).status, 503)
            self.assertEqual(second.request("/page.txt", headers=s1).status, 200)
            first.socket.close()
            wait_for(lambda: self.numbers(server, "S1")["connections"] == 1, "the seat is free")
            fourth = stack.enter_context(server.connect())
            self.assertEqual(fourth.request("/page.txt", headers=s1).status, 200)
        self.assertEqual(self.numbers(server, "S1")["rejected"], {"ConnLimit": 2})
        self.assertEqual(self.numbers(server, "S2")["rejected"], {})
        log = self.place.state / "logs/HTTPERR/httperr1.log"
        wait_for(lambda: log.exists() and " GET /page.txt 503 1 ConnLimit P " in log.read_text(), "HTTPERR's line")

    def test_a_sites_answers_share_its_bandwidth(self):
        (self.place.site / "file.bin").write_bytes(bytes(range(256)) * 1024)
        whole = (self.place.site / "file.bin").read_bytes()
        server = self.serve_sites('<limits maxBandwidth="131072"/>', "")
        begin = time.monotonic()
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(server.connect(60)) for _ in range(2)]
            for client in clients:
                client.send_request("/file.bin", headers=[("Host", "s1")])
            with server.connect() as other:  # while these wait
                self.assertEqual(other.request("/file.bin", headers=[("Host", "s2")]).body, whole)
                free = time.monotonic() - begin
            for client in clients:
                self.assertEqual(client.read_answer().body, whole)
        took = time.monotonic() - begin
        # 512 KiB at 128 KiB a second, the first half second at once. Nothing can make it faster.
        self.assertGreater(took, 3)
        self.assertLess(free, took)

    def test_counters_of_sites_and_pools(self):
        server = self.serve_sites("", "")
        with server.connect() as connection:
            for method, target, status in [("GET", "/page.txt", 200), ("HEAD", "/page.txt", 200), ("GET", "/missing", 404), ("POST", "/hello.so", 200)]:
                self.assertEqual(connection.request(target, method, [("Host", "s1")], b"x" if method == "POST" else None).status, status)
            numbers = wait_for(lambda: (found := self.numbers(server, "S1"))["requests"] == 4 and found, "four requests are counted")
            self.assertEqual(numbers["methods"], {"GET": 2, "HEAD": 1, "POST": 1})
            self.assertEqual(numbers["answers"], {"2xx": 3, "4xx": 1})
            self.assertEqual((numbers["connections"], numbers["connectionsTotal"]), (1, 1))
            self.assertGreater(numbers["bytesSent"], 400)
            self.assertGreater(numbers["bytesReceived"], 100)
        wait_for(lambda: self.numbers(server, "S1")["connections"] == 0, "the connection has ended")
        self.assertEqual(self.numbers(server, "S2")["requests"], 0)
        server.osmia("stop", "pool", "P")
        self.assertEqual(server.get("/page.txt", headers=[("Host", "s1")])[0], 503)
        with server.connect() as connection:
            connection.socket.sendall(b"nonsense\r\n\r\n")
            self.assertGreaterEqual(connection.read_answer().status, 400)
        listed, = server.json("list", "pools")
        self.assertEqual(listed["answers"], {"2xx": 3, "4xx": 1})
        self.assertEqual(listed["rejections"], {"Disabled": 1})
        self.assertEqual(sum(server.status()["rejected"].values()), 2)


if __name__ == "__main__":
    unittest.main()
