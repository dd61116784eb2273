"""Hundreds of slow clients: the others do not notice, and the slow ones are gone within forty seconds.

What slowhttptest does (slow headers, slow bodies, slow reading), from one process. With OSMIA_SLOW=1 600 clients of each kind,
otherwise a few.
"""
import os
import resource
import shutil
import socket
import threading
import time
import unittest

from osmia_server import PATIENCE, ServerTest, pool, site

SLOW = "OSMIA_SLOW" in os.environ
CLIENTS = 600 if SLOW else 80
GONE_WITHIN = 40  # seconds
HEAD = b"GET /large.so?bytes=%d HTTP/1.1\r\nHost: test\r\n"


class SlowClients:
    """Connections that send a little now and then and read a little, until the server has ended each of them."""

    def __init__(self, port, count, first, drip, read):
        self.drip, self.read = drip, read
        self.open = set()
        for _ in range(count):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(first)
            client.setblocking(False)
            self.open.add(client)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.open and not self.stopping.wait(1):
            for client in list(self.open):
                if not self._go_on(client):
                    self.open.discard(client)
                    client.close()

    def _go_on(self, client):
        """False once the server has ended the connection."""
        try:
            if self.drip:
                client.send(self.drip)
            # What has arrived can be read long after a reset.
            if not self.read or is_reset(client):
                return not is_reset(client)
            while data := client.recv(self.read):
                if self.read < 4096:
                    return True
            return data != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def stop(self):
        self.stopping.set()
        self.thread.join(PATIENCE)
        for client in self.open:
            client.close()


def is_reset(client):
    """From the state of TCP: 7 is CLOSE."""
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 7


class SlowClientsTest(ServerTest):
    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        shutil.copy(os.environ["OSMIA_LARGE"], self.place.site / "large.so")
        self.place.add_example("hello")

    def check(self, first, drip=b"", read=4096):
        server = self.serve("--config", self.configure([pool("P")], [site("One", 1, "P", self.place.site)])).listening()
        self.assertEqual(server.get("/hello.so")[0], 200)
        begin = time.monotonic()
        slow = SlowClients(server.port, CLIENTS, first, drip, read)
        self.addCleanup(slow.stop)
        longest = 0.0
        while slow.open and time.monotonic() - begin < GONE_WITHIN + PATIENCE:
            asked = time.monotonic()
            self.assertEqual(server.get("/hello.so", timeout=PATIENCE)[0], 200)
            longest = max(longest, time.monotonic() - asked)
            time.sleep(0.1)
        took = time.monotonic() - begin
        print(f"{CLIENTS} slow clients gone after {took:.1f} s; the slowest of the others waited {longest * 1000:.0f} ms", flush=True)
        self.assertEqual(len(slow.open), 0, "slow clients that are still there")
        self.assertLess(longest, 5, "others were unaffected")

    def test_slow_headers(self):
        self.check(HEAD % 10, drip=b"X-A: b\r\n")

    def test_slow_bodies(self):
        self.check(b"POST /hello.so HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n", drip=b"ab")

    def test_slow_reading_of_an_extensions_answer(self):
        self.check(HEAD % 1_000_000 + b"\r\n", read=0)

    def test_slow_reading_bit_by_bit(self):
        self.check(HEAD % 1_000_000 + b"\r\n", read=32)


if __name__ == "__main__":
    unittest.main()
