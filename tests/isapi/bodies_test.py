"""Bodies of any size, both ways, with flat memory; and clients that leave in the middle."""
import hashlib
import os
import shutil
import unittest

from osmia_server import SANITIZED, ServerTest, anonymous_kilobytes, wait_for

SIZE = (5 << 30) if "OSMIA_SLOW" in os.environ else (96 << 20)
GROWTH = 24 * 1024  # kilobytes: windows, buffers and what the allocator keeps
UNLIMITED = """<configuration><system.webServer><security><requestFiltering><requestLimits maxAllowedContentLength="4294967295"/>
</requestFiltering></security></system.webServer></configuration>"""
BLOCK = bytes(range(256)) * 4096


class Bodies(ServerTest):
    def setUp(self):
        super().setUp()
        self.place.add_example("md5_post", "hello")
        shutil.copy(os.environ["OSMIA_CATALOGUE"], self.place.site / "catalogue.so")
        (self.place.site / "web.config").write_text(UNLIMITED)
        self.server = self.serve().listening()
        self.server.get("/hello.so")
        self.server.request("/md5_post.so", "POST", body=BLOCK)

    def memory(self):
        return [anonymous_kilobytes(pid) for pid in (self.server.workers()[0]["pid"], self.server.status()["listenerPid"])]

    def check_memory(self, before):
        if SANITIZED:
            return
        for name, was, now in zip(("worker", "listener"), before, self.memory()):
            self.assertLess(now - was, GROWTH, f"the {name} grew from {was} kB to {now} kB")

    def test_a_large_post_is_read_through_read_client(self):
        before, digest = self.memory(), hashlib.md5()
        with self.server.connect(timeout=600) as connection:
            connection.send_head("/md5_post.so", "POST", [("Transfer-Encoding", "chunked")])
            head = f"{len(BLOCK):x}\r\n".encode()
            for _ in range(SIZE // len(BLOCK)):
                connection.send(head + BLOCK + b"\r\n")
                digest.update(BLOCK)
            self.check_memory(before)
            connection.send(b"0\r\n\r\n")
            self.assertEqual(connection.read_answer("POST").body.decode(), f"{digest.hexdigest()} {SIZE // len(BLOCK) * len(BLOCK)}\n")
        self.check_memory(before)

    def test_a_large_response_goes_out_through_vector_send(self):
        with (self.place.site / "large.bin").open("wb") as file:
            file.truncate(SIZE)
            file.seek(SIZE - 3)
            file.write(b"end")
        before, received = self.memory(), 0
        with self.server.connect(timeout=600) as connection:
            connection.send_request("/catalogue.so", headers=[("X-Case", "v"), ("X-Program", "io;;vector,0x1a,200 OK,X: y\\r\\n\\r\\n,f:/large.bin:0:0")])
            answer = connection.read_head()
            self.assertEqual((answer.status, answer.header("Content-Length")), (200, str(SIZE)))
            while received < SIZE:
                last = connection.read_bytes(min(1 << 20, SIZE - received))
                received += len(last)
                if received == SIZE // (1 << 20) // 2 << 20:
                    self.check_memory(before)
            self.assertTrue(last.endswith(b"end"))
            self.assertEqual(connection.request("/hello.so").body, b"Hello, world!\n")
        self.check_memory(before)

    def test_a_client_that_leaves_in_the_middle_of_its_body_is_told_to_the_extension(self):
        with self.server.connect() as connection:
            connection.send_head("/catalogue.so", "POST", [("Content-Length", "1000000"), ("X-Case", "left"), ("X-Program", "io;;read,100,2;;read,1000000,2")])
            connection.send(b"x" * 49252)
            wait_for(lambda: b"done 100 0" in self.server.request("/catalogue.so?log=left").body, "the first read")
        wait_for(lambda: self.server.request("/catalogue.so?log=left").body.endswith(b"done 0 995\n"), "the end of the second read")
        wait_for(lambda: self.server.json("list", "requests") == [], "nothing is left of it")

    def test_a_client_that_leaves_in_the_middle_of_the_answer_is_told_to_the_extension(self):
        steps = ";;".join(["vector,2,-,-,big:4000000"] * 20)
        with self.server.connect() as connection:
            connection.send_request("/catalogue.so", headers=[("X-Case", "gone"), ("X-Program", f"io;;flush,1;;head,200 OK,X: y\\r\\n\\r\\n;;{steps}")])
            self.assertEqual(connection.read_head().status, 200)
        wait_for(lambda: b"done 0 995" in self.server.request("/catalogue.so?log=gone").body, "the failed send")


if __name__ == "__main__":
    unittest.main()
