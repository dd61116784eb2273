"""ISAPI extensions behind the real server: what a client gets from each of sdk/examples."""
import hashlib
import os
import threading
import time
import unittest

from osmia_server import Place, Server, ServerTest

EXAMPLES = ("echo", "hello", "keepalive_info", "md5_post", "raw_output", "redirect", "send_url", "sleep_pending", "slow_stream", "transmit_file", "vars")
FILE = os.urandom(10 * 1024 * 1024)
UPLOAD = os.urandom(5 * 1024 * 1024)


class Answers(ServerTest):
    """One server for all: nothing here changes it."""

    @classmethod
    def setUpClass(cls):
        place = Place()
        cls.addClassCleanup(place.remove)
        place.add_example(*EXAMPLES)
        (place.site / "data.bin").write_bytes(FILE)
        (place.site / "page.html").write_text("<p>a page</p>\n")
        (place.site / "Default.htm").write_text("<p>the default</p>\n")
        cls.place = place
        cls.server = Server(place, place.site, "--listen", "127.0.0.1:0")
        cls.addClassCleanup(cls.server.destroy)
        cls.server.listening()

    def setUp(self):
        pass

    def variables(self, answer):
        return dict(line.split("=", 1) for line in answer.body.decode("latin-1").split("\n") if "=" in line and not line[0].isspace())


class Basics(Answers):
    def test_the_smallest_extension_answers(self):
        answer = self.server.request("/hello.so")
        self.assertEqual((answer.status, answer.body, answer.framing), (200, b"Hello, world!\n", "length"))
        self.assertEqual(answer.header("Content-Type"), "text/plain")

    def test_two_requests_use_one_connection(self):
        with self.server.connect() as connection:
            first = connection.request("/keepalive_info.so")
            second = connection.request("/keepalive_info.so")
        self.assertEqual(first.body, second.body)  # the client's port is among the lines
        self.assertIn(b"keep-alive: yes\n", first.body)
        self.assertIn(b"connected: yes\n", first.body)

    def test_different_extensions_and_files_share_a_connection(self):
        with self.server.connect() as connection:
            for _ in range(20):
                self.assertEqual(connection.request("/hello.so").body, b"Hello, world!\n")
                self.assertEqual(connection.request("/page.html").body, b"<p>a page</p>\n")
                self.assertEqual(connection.request("/nothing.html").status, 404)
                self.assertEqual(connection.request("/").body, b"<p>the default</p>\n")

    def test_pipelined_requests_are_answered_in_order(self):
        count = 50
        with self.server.connect() as connection:
            for number in range(count):
                connection.send_request(f"/vars.so?name=QUERY_STRING&n={number}")
            for number in range(count):
                self.assertEqual(connection.read_answer().body, f"QUERY_STRING=name=QUERY_STRING&n={number}\n".encode())

    def test_a_slow_answer_does_not_let_a_later_one_overtake_it(self):
        with self.server.connect() as connection:
            connection.send_request("/sleep_pending.so?s=0.5")
            connection.send_request("/hello.so")
            self.assertEqual(connection.read_answer().body, b"slept\n")
            self.assertEqual(connection.read_answer().body, b"Hello, world!\n")

    def test_twenty_requests_that_sleep_five_seconds_run_in_parallel(self):
        answers = []

        def run():
            answers.append(self.server.request("/sleep_pending.so", timeout=60).body)

        start = time.monotonic()
        threads = [threading.Thread(target=run) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - start
        print(f"\n20 requests that sleep 5 s: {seconds:.2f} s")
        self.assertEqual(answers, [b"slept\n"] * 20)
        self.assertGreaterEqual(seconds, 4.9)
        self.assertLess(seconds, 20)  # one after the other they would take 100 s

    def test_head_gets_the_head_of_get_and_no_body(self):
        with self.server.connect() as connection:
            for target in ("/hello.so", "/page.html", "/transmit_file.so?file=/data.bin"):
                got = connection.request(target)
                head = connection.request(target, "HEAD")
                self.assertEqual((head.status, head.header("Content-Length")), (200, got.header("Content-Length")), target)
            self.assertEqual(connection.request("/hello.so").body, b"Hello, world!\n")

    def test_an_http_1_0_client_gets_its_answer_and_the_end_of_the_connection(self):
        with self.server.connect() as connection:
            connection.send_head("/hello.so", version="HTTP/1.0")
            self.assertEqual(connection.read_answer().body, b"Hello, world!\n")
            self.assertTrue(connection.is_closed())

    def test_a_client_that_says_close_gets_it(self):
        with self.server.connect() as connection:
            answer = connection.request("/hello.so", headers=[("Connection", "close")])
            self.assertEqual((answer.body, answer.header("Connection")), (b"Hello, world!\n", "close"))
            self.assertTrue(connection.is_closed())

    def test_a_stream_arrives_while_it_is_written(self):
        with self.server.connect() as connection:
            connection.send_request("/slow_stream.so?lines=5&ms=300")
            answer = connection.read_head()
            self.assertEqual(answer.status, 200)
            start = time.monotonic()
            connection.read_until(b"line 1\n")
            first = time.monotonic() - start
            connection.read_until(b"line 5\n")
            self.assertGreater(time.monotonic() - start - first, 0.5)

    def test_a_client_that_leaves_early_harms_nobody(self):
        for _ in range(20):
            with self.server.connect() as connection:
                connection.send_request("/slow_stream.so?lines=3&ms=50")
                connection.read_until(b"line 1\n")
        self.assertEqual(self.server.get("/hello.so"), (200, "Hello, world!\n"))


class Bodies(Answers):
    def check_digest(self, answer):
        self.assertEqual((answer.status, answer.body.decode()), (200, f"{hashlib.md5(UPLOAD).hexdigest()} {len(UPLOAD)}\n"))

    def test_five_megabytes_with_content_length_arrive_whole(self):
        self.check_digest(self.server.request("/md5_post.so", "POST", body=UPLOAD))

    def test_five_megabytes_in_chunks_arrive_whole(self):
        for chunk in (1000, 65536, len(UPLOAD)):
            with self.server.connect() as connection:
                connection.send_chunked("/md5_post.so", UPLOAD, chunk=chunk)
                self.check_digest(connection.read_answer())

    def test_uploads_follow_each_other_on_one_connection(self):
        with self.server.connect() as connection:
            connection.send_request("/md5_post.so", "POST", body=UPLOAD)
            self.check_digest(connection.read_answer())
            connection.send_chunked("/md5_post.so", UPLOAD)
            self.check_digest(connection.read_answer())
            self.assertEqual(connection.request("/hello.so").body, b"Hello, world!\n")

    def test_small_bodies_of_every_kind_arrive(self):
        with self.server.connect() as connection:
            for size in (0, 1, 49151, 49152, 49153, 65535, 65536, 65537, 262144, 262145):
                body = UPLOAD[:size]
                expected = f"{hashlib.md5(body).hexdigest()} {size}\n".encode()
                self.assertEqual(connection.request("/md5_post.so", "POST", body=body).body, expected, size)
                connection.send_chunked("/md5_post.so", body)
                self.assertEqual(connection.read_answer().body, expected, size)

    def test_an_echo_streams_both_ways_at_once(self):
        body = UPLOAD * 2
        for chunked in (False, True) * 5:  # windows fill and empty in another order each time
            with self.server.connect() as connection:
                send = connection.send_chunked if chunked else lambda target, data: connection.send_request(target, "POST", body=data)
                sender = threading.Thread(target=send, args=("/echo.so", body))
                sender.start()
                answer = connection.read_answer()
                sender.join()
                self.assertEqual(answer.status, 200)
                self.assertEqual(hashlib.md5(answer.body).hexdigest(), hashlib.md5(body).hexdigest())

    def test_parallel_uploads_do_not_mix(self):
        failures = []

        def run(number):
            body = UPLOAD[number * 1000:number * 1000 + 1_000_000]
            answer = self.server.request("/md5_post.so", "POST", body=body)
            if answer.body.decode() != f"{hashlib.md5(body).hexdigest()} {len(body)}\n":
                failures.append((number, answer))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_a_client_that_expects_100_continue_gets_it_before_it_sends(self):
        body = UPLOAD[:200_000]
        with self.server.connect() as connection:
            connection.send_head("/md5_post.so", "POST", [("Content-Length", str(len(body))), ("Expect", "100-continue")])
            self.assertEqual(connection.read_answer("POST", interim=True).status, 100)
            connection.send(body)
            self.assertEqual(connection.read_answer("POST").body.decode(), f"{hashlib.md5(body).hexdigest()} {len(body)}\n")
            self.assertEqual(connection.request("/hello.so").body, b"Hello, world!\n")

    def test_a_refusal_costs_a_client_that_expects_100_continue_no_upload(self):
        with self.server.connect() as connection:
            connection.send_head("/nothing.so", "POST", [("Content-Length", "5000000"), ("Expect", "100-continue")])
            self.assertEqual(connection.read_answer("POST", interim=True).status, 404)

    def test_a_body_that_nobody_reads_does_not_disturb_the_next_request(self):
        with self.server.connect() as connection:
            self.assertEqual(connection.request("/hello.so", "POST", body=b"x" * 30_000).body, b"Hello, world!\n")
            self.assertEqual(connection.request("/hello.so").body, b"Hello, world!\n")


class Files(Answers):
    def test_a_file_by_transmit_file_is_identical(self):
        answer = self.server.request("/transmit_file.so?file=/data.bin")
        self.assertEqual((answer.status, answer.header("Content-Length")), (200, str(len(FILE))))
        self.assertTrue(answer.body == FILE)

    def test_a_part_of_a_file_with_a_tail_is_identical(self):
        answer = self.server.request("/transmit_file.so?file=/data.bin&offset=1234567&bytes=3000000&tail=the+end")
        self.assertTrue(answer.body == FILE[1234567:4234567] + b"the end")

    def test_files_follow_each_other_on_one_connection(self):
        with self.server.connect() as connection:
            for _ in range(3):
                self.assertTrue(connection.request("/transmit_file.so?file=/data.bin").body == FILE)
                self.assertEqual(connection.request("/hello.so").body, b"Hello, world!\n")

    def test_a_static_file_is_identical_and_a_range_of_it_too(self):
        self.assertTrue(self.server.request("/data.bin").status in (200, 404))
        (self.place.site / "data.txt").write_bytes(FILE)
        self.assertTrue(self.server.request("/data.txt").body == FILE)
        answer = self.server.request("/data.txt", headers=[("Range", "bytes=1000-2000999")])
        self.assertEqual((answer.status, answer.header("Content-Range")), (206, f"bytes 1000-2000999/{len(FILE)}"))
        self.assertTrue(answer.body == FILE[1000:2001000])

    def test_a_slow_reader_gets_everything_while_others_go_on(self):
        with self.server.connect() as slow:
            slow.send_request("/transmit_file.so?file=/data.bin")
            self.assertEqual(slow.read_head().status, 200)
            body = b""
            while len(body) < len(FILE):
                body += slow.read_bytes(min(400_000, len(FILE) - len(body)))
                self.assertEqual(self.server.get("/hello.so"), (200, "Hello, world!\n"))
            self.assertTrue(body == FILE)

    def test_a_missing_file_is_the_extensions_own_404(self):
        answer = self.server.request("/transmit_file.so?file=/none.bin")
        self.assertEqual((answer.status, answer.body), (404, b"error 2\n"))


class OwnFraming(Answers):
    def check(self, how, status, body):
        with self.server.connect() as connection:
            answer = connection.request(f"/raw_output.so?how={how}")
            self.assertEqual((answer.status, answer.body), (status, body))
            self.assertNotEqual(answer.framing, "close")
        return answer

    def test_own_chunks_become_a_framed_answer(self):
        self.check("chunked", 200, b"first\nsecond\n")

    def test_own_chunks_that_are_wrong_become_a_clear_error(self):
        with self.server.connect() as connection:
            answer = connection.request("/raw_output.so?how=chunked_bad")
            self.assertEqual(answer.status, 500)
        self.assertEqual(self.server.get("/hello.so")[0], 200)

    def test_an_own_status_line_is_taken_over(self):
        for how in ("status", "status_split"):
            answer = self.check(how, 203, b"body\n")
            self.assertEqual((answer.reason, answer.header("X-Own")), ("Written By Hand", "yes"))

    def test_own_headers_without_a_status_line_are_taken_over(self):
        self.assertEqual(self.check("headers", 200, b"body\n").header("X-Own"), "yes")

    def test_a_body_alone_becomes_html(self):
        self.assertEqual(self.check("none", 200, b"<html>just a body</html>\n").header("Content-Type"), "text/html")

    def test_a_failing_extension_is_500(self):
        self.assertEqual(self.server.request("/raw_output.so?how=unknown").status, 500)


class Variables(Answers):
    def test_every_documented_variable_is_known(self):
        answer = self.server.request("/vars.so", headers=[("Accept", "*/*"), ("User-Agent", "a test")])
        self.assertNotRegex(answer.body.decode(), r"(?m)^\w+ \[\d+\]$", "a variable failed")

    def test_the_request_is_described(self):
        with self.server.connect() as connection:
            answer = connection.request("/vars.so?a=1&b=2", headers=[("Host", f"localhost:{self.server.port}"), ("User-Agent", "a test")])
            port = connection.socket.getsockname()[1]
        expected = {
            "REQUEST_METHOD": "GET", "QUERY_STRING": "a=1&b=2", "URL": "/vars.so", "SCRIPT_NAME": "/vars.so", "HTTP_HOST": f"localhost:{self.server.port}",
            "HTTP_USER_AGENT": "a test", "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": str(port), "LOCAL_ADDR": "127.0.0.1", "SERVER_NAME": "localhost",
            "SERVER_PORT": str(self.server.port), "SERVER_PROTOCOL": "HTTP/1.1", "HTTPS": "off", "SERVER_PORT_SECURE": "0", "INSTANCE_ID": "1",
            "APPL_MD_PATH": "/LM/W3SVC/1/ROOT", "APP_POOL_ID": "DefaultAppPool", "GATEWAY_INTERFACE": "CGI/1.1", "CONTENT_LENGTH": "0",
            "APPL_PHYSICAL_PATH": f"{self.place.site}/", "REMOTE_USER": "", "AUTH_TYPE": "",
        }
        values = self.variables(answer)
        self.assertEqual({name: values.get(name) for name in expected}, expected)

    def test_what_follows_the_extension_is_path_info(self):
        values = self.variables(self.server.request("/vars.so/some/path?q"))
        self.assertEqual(values["SCRIPT_NAME"], "/vars.so")
        self.assertEqual(values["QUERY_STRING"], "q")
        self.assertEqual(values["PATH_TRANSLATED"], f"{self.place.site}/some/path")
        self.assertTrue(values["PATH_INFO"].endswith("/some/path"), values["PATH_INFO"])


class Elsewhere(Answers):
    def test_a_redirect_is_a_302(self):
        answer = self.server.request("/redirect.so?to=http://elsewhere.example/x")
        self.assertEqual((answer.status, answer.header("Location")), (302, "http://elsewhere.example/x"))

    def test_send_url_answers_with_another_urls_content(self):
        for target, body in (("/page.html", b"<p>a page</p>\n"), ("/", b"<p>the default</p>\n"), ("/hello.so", b"Hello, world!\n")):
            answer = self.server.request(f"/send_url.so?url={target}")
            self.assertEqual((answer.status, answer.body), (200, body), target)

    def test_send_url_of_nothing_is_404(self):
        self.assertEqual(self.server.request("/send_url.so?url=/nothing.html").status, 404)


if __name__ == "__main__":
    unittest.main()
