"""HTTP/2 with the real programs: over TLS and with prior knowledge, both directions, small windows, deaths, the end of a server."""
import hashlib
import os
import re
import subprocess
import unittest

from conformance.http2_cases_test import FrameClient
from listener.tls_test import TlsServerTest, make_certificate
from osmia_server import PATIENCE, ServerTest, wait_for


def curl(*arguments):
    return subprocess.run(["curl", "-s", "-k", "--max-time", "30", *map(str, arguments)], capture_output=True)


class Plain(ServerTest):
    def setUp(self):
        super().setUp()
        self.place.add_example("hello", "vars", "md5_post", "crash", "slow_stream")
        self.content = os.urandom(3_000_000)
        (self.place.site / "big.bin").write_bytes(self.content)
        self.server = self.serve().listening()
        self.server.get("/hello.so")
        self.url = f"http://127.0.0.1:{self.server.port}"

    def get(self, target, *arguments):
        return curl("--http2-prior-knowledge", *arguments, self.url + target)

    def client(self):
        client = FrameClient(self.server.port)
        self.addCleanup(client.close)
        return client

    def until(self, client, wanted):
        seen = []
        while not seen or seen[-1] not in (wanted, "close"):
            seen.append(client.next())
        self.assertEqual(seen[-1], wanted, seen)
        return seen

    def test_the_application_sees_the_version_and_the_host(self):
        body = self.get("/vars.so", "-H", "Host: www.example.org:81").stdout.decode()
        for line in ("SERVER_PROTOCOL=HTTP/2.0", "HTTP_HOST=www.example.org:81", "SERVER_NAME=www.example.org", "HTTPS=off"):
            self.assertIn(line + "\n", body)

    def test_content_of_both_directions_is_whole(self):
        self.assertEqual(self.get("/big.bin").stdout, self.content)
        upload = self.place.folder / "upload"
        upload.write_bytes(self.content)
        for more in ([], ["-H", "Expect: 100-continue"], ["-H", "Content-Length:", "-H", "Transfer-Encoding: chunked"]):
            answer = self.get("/md5_post.so", "--data-binary", f"@{upload}", *more)
            self.assertIn(hashlib.md5(self.content).hexdigest().encode(), answer.stdout, more)

    def test_windows_of_one_kibibyte(self):
        report = subprocess.run(["h2load", "-n", "20", "-c", "2", "-m", "5", "-w", "10", "-W", "10", self.url + "/big.bin"], capture_output=True, text=True).stdout
        self.assertIn("20 succeeded, 0 failed, 0 errored, 0 timeout", report)
        # Each answer is whole: its head names its length, and the frames add up to it.
        size = int(re.search(r"\((\d+)\) data", report).group(1))
        self.assertEqual(size, 20 * len(self.content))

    def test_many_streams_on_many_connections(self):
        report = subprocess.run(["h2load", "-n", "4000", "-c", "20", "-m", "50", self.url + "/hello.so"], capture_output=True, text=True).stdout
        self.assertIn("4000 succeeded, 0 failed, 0 errored, 0 timeout", report)
        self.assertIn("status codes: 4000 2xx", report)

    def test_a_slow_stream_does_not_hold_up_its_neighbours(self):
        client = self.client()
        client.play("SETTINGS 0 - 000400000000")
        client.play("HEADERS 1 HE big")
        self.until(client, "status 1 200")
        client.play("SETTINGS 0 - 00047fffffff")
        client.play("SETTINGS 0 - 000400000000")
        with_window = self.client()
        with_window.play("HEADERS 1 HE get")
        self.until(with_window, "data 1 14")
        self.assertEqual(self.get("/hello.so").stdout, b"Hello, world!\n")

    def test_a_worker_that_dies_before_its_answer_is_502_and_the_connection_lives(self):
        client = self.client()
        client.play("HEADERS 1 HE crash")
        self.until(client, "status 1 502")
        client.play("HEADERS 3 HE get")
        self.until(client, "status 3 200")

    def test_a_worker_that_dies_behind_bytes_resets_the_stream(self):
        client = self.client()
        client.play("SETTINGS 0 - 000400000400")
        client.play("HEADERS 1 HE slow")
        self.until(client, "status 1 200")
        pid = self.server.workers()[0]["pid"]
        os.kill(pid, 9)
        self.until(client, "reset 1 INTERNAL_ERROR")
        client.play("HEADERS 3 HE get")
        self.until(client, "status 3 200")

    def test_a_reset_by_the_client_reaches_the_worker(self):
        client = self.client()
        client.play("SETTINGS 0 - 000400000400")
        client.play("HEADERS 1 HE slow")
        self.until(client, "status 1 200")
        client.play("RST_STREAM 1 - 00000008")
        wait_for(lambda: not self.server.json("list", "requests"), "the worker to notice")

    def test_the_servers_end_loses_no_request(self):
        client = self.client()
        client.play("HEADERS 1 H post")
        client.play('DATA 1 - "abc"')
        wait_for(lambda: self.server.json("list", "requests"), "the request")
        self.server.process.terminate()
        self.until(client, "goaway NO_ERROR")
        client.play('DATA 1 E "def"')
        seen = self.until(client, "status 1 200")
        self.assertNotIn("reset 1 INTERNAL_ERROR", seen)
        self.assertEqual(self.server.process.wait(PATIENCE), 0)

    def test_logs_name_the_version(self):
        self.get("/hello.so?logged")
        self.get("/hello.so", "-X", "CONNECT")
        logs = self.place.state / "logs"
        wait_for(lambda: any("logged" in path.read_text() for path in logs.rglob("u_ex*.log")), "the access log's line")
        client = self.client()
        client.play("HEADERS 1 HE get +*101 a: b")
        self.until(client, "status 1 431")
        wait_for(lambda: any(re.search(r"HTTP/2.0 GET /hello.so 431 .* RequestLength", path.read_text()) for path in logs.rglob("httperr*.log")), "HTTPERR's line")


class Secure(TlsServerTest):
    def test_alpn_chooses_http2_unless_the_binding_forbids_it(self):
        for name in ("a.example.org", "b.example.org"):
            make_certificate(self.folder, name, joined=True)
        self.start([("a.example.org", 0), ("b.example.org", 4)])
        for name, version in (("a.example.org", b"2"), ("b.example.org", b"1.1")):
            done = curl("--resolve", f"{name}:{self.port}:127.0.0.1", "-o", "/dev/null", "-w", "%{http_version}", f"https://{name}:{self.port}/hello.so")
            self.assertEqual(done.stdout, version, done.stderr)

    def test_content_over_tls(self):
        make_certificate(self.folder, "127.0.0.1", joined=True)
        self.start([("", 0)])
        content = (self.place.site / "big.bin").read_bytes()
        url = f"https://127.0.0.1:{self.port}"
        self.assertEqual(curl("--http2", f"{url}/big.bin").stdout, content)
        self.assertIn(b"SERVER_PROTOCOL=HTTP/2.0\n", curl("--http2", f"{url}/vars.so").stdout)
        report = subprocess.run(["h2load", "-n", "10", "-c", "2", "-m", "5", "-w", "10", "-W", "10", f"{url}/big.bin"], capture_output=True, text=True).stdout
        self.assertIn("10 succeeded, 0 failed, 0 errored, 0 timeout", report)


if __name__ == "__main__":
    unittest.main()
