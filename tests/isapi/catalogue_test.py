"""The catalogue of HSE_REQ codes: each row of catalogue.txt, through the real server."""
import os
import pathlib
import re
import shutil
import time
import unittest

from osmia_server import PATIENCE, ServerTest, application, pool, site, wait_for

HERE = pathlib.Path(__file__).parent
DATA = "0123456789"


def rows():
    for number, line in enumerate((HERE / "catalogue.txt").read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            code, program, notes, *answer = (part.strip() for part in line.split(" | "))
            yield number, int(code), program, notes, answer[0] if answer else "200 body="


class Catalogue(ServerTest):
    def setUp(self):
        super().setUp()
        shutil.copy(os.environ["OSMIA_CATALOGUE"], self.place.site / "catalogue.so")
        (self.place.site / "page.html").write_text("<p>a page</p>")
        (self.place.site / "data.bin").write_text(DATA * 10)
        other = self.place.folder / "other"
        other.mkdir()
        self.server = self.serve("--config", self.configure(
            [pool("One"), pool("Two")], [site("S", 1, "One", self.place.site, more=application("/other", "Two", other))])).listening()

    def ask(self, name, program, answer):
        """The row's request; None when the connection is cut without an answer."""
        headers = [("X-Case", name), ("X-Program", program.replace("LONG", "l" * 300))]
        if "RANGE" in answer:
            headers.append(("Range", "0-3"))
        with self.server.connect() as connection:
            if "WAIT=BODY" in answer:
                connection.send_head("/catalogue.so", "POST", [*headers, ("Transfer-Encoding", "chunked"), ("Expect", "100-continue")])
            elif "POST=LONG" in answer:
                connection.send_request("/catalogue.so", "POST", headers, b"x" * 49152 + DATA.encode())
            elif "POST=DATA" in answer:
                connection.send_request("/catalogue.so", "POST", headers, DATA.encode())
            else:
                connection.send_request("/catalogue.so", "GET", headers)
            if answer.startswith("cut"):
                with self.assertRaises((EOFError, ConnectionError)):
                    while connection.read_answer("POST", interim=True).status == 100:
                        pass
                return None
            got = connection.read_answer("POST", interim=True)
            while got.status == 100:
                got = connection.read_answer("POST", interim=True)
            got.closed = ("close" in answer or "reset" in answer) and connection.is_closed()
            return got

    def check_answer(self, got, answer):
        words, _, body = answer.partition("body=")
        words, _, fragment = words.partition("has=")
        status, *words = words.split()
        self.assertEqual(got.status, int(status), got.body)
        if "body=" in answer:
            self.assertEqual(got.body.decode(), re.sub(r"( RANGE| WAIT=BODY)$", "", body))
        if fragment:
            self.assertIn(fragment.strip(), got.body.decode())
        for word in words:
            if word in ("close", "reset"):
                self.assertTrue(got.closed, "the connection is still open")
            elif word in ("length", "chunked"):
                self.assertEqual(got.framing, word)
            elif word.startswith("size="):
                self.assertEqual(len(got.body), int(word[5:]))
            elif word not in ("POST=DATA", "POST=LONG", "RANGE", "WAIT=BODY"):
                name, value = word.split("=", 1)
                self.assertEqual(got.header(name), value)

    def logged(self, name, count):
        """What the extension noted. A completion may come after the client has its answer."""
        end = time.monotonic() + PATIENCE
        while True:
            lines = self.server.request(f"/catalogue.so?log={name}").body.decode().splitlines()
            if len(lines) >= count or time.monotonic() > end:
                return lines
            time.sleep(0.01)

    def test_every_row(self):
        path = str(self.place.site / "page.html")
        for number, code, program, notes, answer in rows():
            if code == 1032:
                continue
            with self.subTest(line=number, code=code, program=program):
                name = f"row{number}"
                got = self.ask(name, program, answer)
                expected = notes.replace("SITE", str(self.place.site)).replace("NEEDWIDE", str(2 * len(path) + 2)).replace("NEED", str(len(path) + 1))
                logged = self.logged(name, len(expected.split(";")))
                if "SENT" in expected:
                    logged = [re.sub(r"^done [1-9]\d* ", "done SENT ", line) for line in logged]
                self.assertEqual(logged, expected.split(";"))
                if got is not None:
                    self.check_answer(got, answer.replace("CASE", name))

    def test_a_worker_that_says_it_is_unhealthy_is_replaced(self):
        self.server.request("/catalogue.so?log=x")
        before = [one["pid"] for one in self.server.workers("One")]
        self.ask("x", "text,1032,tired", "200")
        wait_for(lambda: (now := [one["pid"] for one in self.server.workers("One")]) and not set(now) & set(before), "another worker")
        self.server.wait_line("tired")

    def test_the_table_is_complete(self):
        header = (HERE.parent.parent / "sdk/include/httpext.h").read_text()
        codes = {}
        for name, base, offset in re.findall(r"#define (HSE_REQ_\w+|HSE_APPEND_LOG_PARAMETER) \((HSE_REQ_\w+) \+ (\d+)\)", header):
            codes[name] = (1000 if base == "HSE_REQ_END_RESERVED" else 0) + int(offset)
        self.assertEqual(len(codes), 44)
        refused = {code for _, code, _, notes, _ in rows() if "FALSE" in notes}
        for name, code in codes.items():
            tested = [notes for _, row, _, notes, _ in rows() if row == code]
            self.assertTrue(tested, name)
            always_works = {"HSE_REQ_DONE_WITH_SESSION", "HSE_REQ_ABORTIVE_CLOSE", "HSE_REQ_REPORT_UNHEALTHY", "HSE_REQ_SET_FLUSH_FLAG"}
            self.assertTrue(code in refused or name in always_works, f"{name}: no failure")


if __name__ == "__main__":
    unittest.main()
