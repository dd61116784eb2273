"""Many connections, each with exchanges of every kind in a random order, fast and slow readers, clients that leave in the middle."""
import hashlib
import os
import random
import threading
import time
import unittest

from osmia_server import ServerTest, count_descriptors, wait_for

SECONDS = 60 if os.environ.get("OSMIA_SLOW") == "1" else 10
CONNECTIONS = 12
CONTENT = os.urandom(3 * 1024 * 1024)


def require(condition, what):
    if not condition:
        raise AssertionError(what)


class Client:
    """One connection at a time and a random sequence of its own."""

    def __init__(self, server, seed):
        self.server = server
        self.random = random.Random(seed)
        self.connection = server.connect()
        self.exchanges = 0
        self.kinds = [self.upload, self.upload_in_chunks, self.part_of_a_file, self.static_file, self.head, self.pipeline, self.echo, self.send_url]

    def piece(self, limit):
        return CONTENT[:self.random.randrange(limit)]

    def check_digest(self, body, answer):
        require(answer.body.decode() == f"{hashlib.md5(body).hexdigest()} {len(body)}\n", f"{answer.status} for an upload of {len(body)}")

    def upload(self):
        body = self.piece(400_000)
        self.check_digest(body, self.connection.request("/md5_post.so", "POST", body=body))

    def upload_in_chunks(self):
        body = self.piece(400_000)
        self.connection.send_chunked("/md5_post.so", body, chunk=self.random.choice((1000, 70_000)))
        self.check_digest(body, self.connection.read_answer())

    def part_of_a_file(self):
        offset = self.random.randrange(len(CONTENT) - 1)
        size = self.random.randrange(1, len(CONTENT) - offset)
        answer = self.connection.request(f"/transmit_file.so?file=/data.txt&offset={offset}&bytes={size}&tail=x")
        require(answer.body == CONTENT[offset:offset + size] + b"x", f"{answer.status}: {size} bytes at {offset}")

    def static_file(self):
        require(self.connection.request("/data.txt").body == CONTENT, "a static file")

    def head(self):
        require(self.connection.request("/data.txt", "HEAD").header("Content-Length") == str(len(CONTENT)), "HEAD")

    def pipeline(self):
        targets = [f"name=QUERY_STRING&{self.random.random()}" for _ in range(self.random.randrange(1, 20))]
        for target in targets:
            self.connection.send_request(f"/vars.so?{target}")
        for target in targets:
            require(self.connection.read_answer().body == f"QUERY_STRING={target}\n".encode(), "pipelined answers")

    def echo(self):
        body = self.piece(2_000_000)
        sender = threading.Thread(target=self.connection.send_request, args=("/echo.so", "POST", (), body))
        sender.start()
        left, parts = int(self.connection.read_head().header("Content-Length")), []
        while left > 0:
            parts.append(self.connection.read_bytes(min(left, self.random.choice((1000, 30_000, 300_000)))))
            left -= len(parts[-1])
            if self.random.random() < 0.2:
                time.sleep(0.002)
        sender.join()
        require(b"".join(parts) == body, "an echo")

    def send_url(self):
        require(self.connection.request("/send_url.so?url=/data.txt").body == CONTENT, "another URL's content")

    def leave_in_the_middle(self):
        leaving = self.random.randrange(3)
        if leaving == 0:
            self.connection.send_request("/data.txt")
        elif leaving == 1:
            self.connection.send_head("/md5_post.so", "POST", [("Content-Length", "100000")])
            self.connection.send(b"x" * 1000)
        else:
            self.connection.send_request("/slow_stream.so?lines=3&ms=10")
        self.connection.close()
        self.connection = self.server.connect()

    def run(self, end):
        while time.monotonic() < end:
            self.random.choice(self.kinds)()
            self.exchanges += 1
            if self.random.random() < 0.1:
                self.leave_in_the_middle()
        self.connection.close()


class Mixture(ServerTest):
    def test_every_exchange_is_right_and_nothing_is_left_behind(self):
        self.place.add_example("echo", "md5_post", "transmit_file", "vars", "slow_stream", "send_url")
        (self.place.site / "data.txt").write_bytes(CONTENT)
        server = self.serve().listening()
        server.get("/vars.so")
        worker, listener = server.workers()[0]["pid"], server.status()["listenerPid"]
        server.request("/data.txt")
        before = count_descriptors(listener)
        seed = random.randrange(1 << 30)
        clients, failures = [Client(server, seed + number) for number in range(CONNECTIONS)], []

        def run(client):
            try:
                client.run(time.monotonic() + SECONDS)
            except (AssertionError, EOFError, OSError) as error:
                failures.append(repr(error)[:300])

        threads = [threading.Thread(target=run, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"\nseed {seed}: {sum(client.exchanges for client in clients)} exchanges")
        self.assertEqual(failures, [], server.text())
        self.assertEqual([one["pid"] for one in server.workers()], [worker])
        wait_for(lambda: server.status()["connections"] == 0, "no connection is left")
        # Files that the worker has passed stay with the listener, a bounded table of them.
        wait_for(lambda: count_descriptors(listener) <= before + 8, "no descriptor is left")


if __name__ == "__main__":
    unittest.main()
