"""The access logs and HTTPERR of a real server: what a line says, when it comes, and which file it is in."""
import datetime
import re
import signal
import socket
import unittest

from osmia_server import ServerTest, pool, site, wait_for

# The schema's default of logExtFileFlags.
COLUMNS = ("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
           "sc-status sc-substatus sc-win32-status time-taken")


class Log:
    """A log file as dictionaries, one for each line."""

    def __init__(self, path):
        self.path = path

    def text(self):
        return self.path.read_text() if self.path.exists() else ""

    def lines(self):
        found, columns = [], []
        for line in self.text().splitlines():
            if line.startswith("#Fields: "):
                columns = line.split(" ")[1:]
            elif not line.startswith("#"):
                values = line.split(" ")
                assert len(values) == len(columns), f"{len(columns)} columns, but: {line!r}"
                found.append(dict(zip(columns, values)))
        return found

    def wait(self, count):
        return wait_for(lambda: len(lines := self.lines()) >= count and lines, f"{count} lines in {self.path}, which has {self.text()!r}")


class LogsTest(ServerTest):
    def access_log(self, number=1, name="u_ex"):
        folder = self.place.state / f"logs/W3SVC{number}"
        return Log(wait_for(lambda: next(iter(sorted(folder.glob(f"{name}*.log"))), None) if folder.exists() else None, f"a log in {folder}"))

    def error_log(self):
        return Log(self.place.state / "logs/HTTPERR/httperr1.log")

    def serve_folder(self):
        (self.place.site / "page.txt").write_text("hello")
        (self.place.site / "page.txt").chmod(0o644)
        return self.serve().listening()

    def test_a_request_has_one_line_with_iiss_columns(self):
        server = self.serve_folder()
        server.request("/page.txt?a=b%20c", headers=[("User-Agent", "A (test)"), ("Referer", "http://x/")])
        server.request("/missing%20%C3%A9")
        log = self.access_log()
        first, second = log.wait(2)
        text = log.text()
        self.assertTrue(text.startswith("#Software: Osmia "), text)
        self.assertIn("\n#Version: 1.0\n#Date: ", text)
        self.assertIn(f"\n#Fields: {COLUMNS}\n", text)
        self.assertEqual(datetime.datetime.now(datetime.timezone.utc).strftime("u_ex%y%m%d.log")[:8], log.path.name[:8])
        expected = {"s-ip": "127.0.0.1", "cs-method": "GET", "cs-uri-stem": "/page.txt", "cs-uri-query": "a=b%20c", "s-port": str(server.port),
                    "cs-username": "-", "c-ip": "127.0.0.1", "cs(User-Agent)": "A+(test)", "cs(Referer)": "http://x/", "sc-status": "200",
                    "sc-win32-status": "0"}
        self.assertEqual({name: first[name] for name in expected}, expected)
        self.assertEqual((second["cs-uri-stem"], second["sc-status"], second["cs-uri-query"]), ("/missing+é", "404", "-"))
        server.end()
        self.assertEqual(len(log.lines()), 2)

    def test_every_column_and_custom_ones(self):
        self.place.add_example("hello")
        flags = "Date,Time,SiteName,ComputerName,BytesSent,BytesRecv,Cookie,Host,ProtocolVersion,Method,HttpStatus"
        fields = ('<customFields><add logFieldName="x-id" sourceName="REQUEST_ID" sourceType="ServerVariable"/>'
                  '<add logFieldName="x-accept" sourceName="Accept" sourceType="RequestHeader"/>'
                  '<add logFieldName="x-type" sourceName="content-type" sourceType="ResponseHeader"/></customFields>')
        one = site("One", 7, "P", self.place.site).replace("</bindings>", f'</bindings><logFile logExtFileFlags="{flags}">{fields}</logFile>')
        server = self.serve("--config", self.configure([pool("P")], [one])).listening()
        trace = "0123456789abcdef0123456789abcdef"
        with server.connect() as connection:
            answer = connection.request("/hello.so", "GET", [("Cookie", "a=b; c"), ("Accept", "*/*"), ("traceparent", f"00-{trace}-0123456789abcdef-01")])
        self.assertEqual(answer.status, 200)
        log = self.access_log(7)
        self.assertTrue(log.path.name.endswith("_x.log"), log.path)
        line, = log.wait(1)
        self.assertEqual(line["s-sitename"], "W3SVC7")
        self.assertEqual(line["s-computername"], socket.gethostname())
        self.assertEqual(line["cs(Cookie)"], "a=b;+c")
        self.assertEqual(line["cs-host"], "test")
        self.assertEqual(line["cs-version"], "HTTP/1.1")
        self.assertEqual((line["x-id"], line["x-accept"], line["x-type"]), (trace, "*/*", "text/plain"))
        self.assertGreater(int(line["sc-bytes"]), len(answer.body))
        self.assertGreater(int(line["cs-bytes"]), 100)

    def test_a_site_without_a_log_has_none(self):
        (self.place.site / "page.txt").write_text("hello")
        silent = site("One", 1, "P", self.place.site, "127.0.0.1:0:one").replace("</bindings>", '</bindings><logFile enabled="false"/>')
        other = site("Two", 2, "P", self.place.site, "127.0.0.1:0:two")
        server = self.serve("--config", self.configure([pool("P")], [silent, other])).listening()
        for host in ("one", "two"):
            self.assertEqual(server.get("/page.txt", headers=[("Host", host)])[0], 200)
        self.access_log(2).wait(1)
        server.end()
        self.assertFalse((self.place.state / "logs/W3SVC1").exists())

    def test_rotated_files_are_opened_again_and_lose_no_line(self):
        server = self.serve_folder()
        log = self.access_log_after(server, 1)
        old = log.path.with_suffix(".old")
        total = 50
        for number in range(2, total + 1):
            if number == 20:
                log.path.rename(old)
                server.process.send_signal(signal.SIGUSR1)
                wait_for(lambda: server.get("/page.txt")[0] == 200 and log.path.exists(), "a new file")
            self.assertEqual(server.get(f"/page.txt?{number}")[0], 200)
        server.end()
        numbers = [int(line["cs-uri-query"]) for part in (Log(old), log) for line in part.lines() if line["cs-uri-query"] != "-"]
        self.assertEqual(numbers, list(range(2, total + 1)))
        self.assertIn("#Fields: ", log.text())

    def access_log_after(self, server, count):
        for _ in range(count):
            self.assertEqual(server.get("/page.txt")[0], 200)
        log = self.access_log()
        log.wait(count)
        return log

    def test_the_size_decides_with_max_size(self):
        (self.place.site / "page.txt").write_text("hello")
        one = site("One", 1, "P", self.place.site).replace("</bindings>", '</bindings><logFile period="MaxSize" truncateSize="1048576"/>')
        server = self.serve("--config", self.configure([pool("P")], [one])).listening()
        long = "q" * 8000
        folder = self.place.state / "logs/W3SVC1"
        count = 0
        with server.connect() as connection:
            # A full file is left at the next flush, so a quick client may write more than truncateSize.
            while not (folder / "u_extend2.log").exists() and count < 50_000:
                self.assertEqual(connection.request("/page.txt", headers=[("User-Agent", long)]).status, 200)
                count += 1
        server.end()
        sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
        self.assertIn("u_extend1.log", sizes)
        self.assertIn("u_extend2.log", sizes)
        self.assertGreaterEqual(sizes["u_extend1.log"], 1 << 20)
        self.assertEqual(sum(len(Log(folder / name).lines()) for name in sizes), count)

    def test_a_reload_changes_columns_and_folder(self):
        (self.place.site / "page.txt").write_text("hello")
        elsewhere = self.place.folder / "elsewhere"

        def write(more):
            return self.configure([pool("P")], [site("One", 1, "P", self.place.site).replace("</bindings>", f"</bindings>{more}")])

        path = write("")
        server = self.serve("--config", path).listening()
        log = self.access_log_after(server, 1)
        write('<logFile logExtFileFlags="Method,HttpStatus"/>')
        server.osmia("reload")
        server.get("/page.txt")
        self.assertEqual(log.wait(2)[1], {"cs-method": "GET", "sc-status": "200"})
        write(f'<logFile directory="{elsewhere}"/>')
        server.osmia("reload")
        server.get("/page.txt")
        Log(wait_for(lambda: next(iter((elsewhere / "W3SVC1").glob("*.log")), None) if (elsewhere / "W3SVC1").exists() else None, "the other folder")).wait(1)

    def test_a_folder_that_cannot_be_written_is_told_and_serves_all_the_same(self):
        (self.place.site / "page.txt").write_text("hello")
        (self.place.folder / "file").write_text("")
        one = site("One", 1, "P", self.place.site).replace("</bindings>", f'</bindings><logFile directory="{self.place.folder}/file"/>')
        server = self.serve("--config", self.configure([pool("P")], [one])).listening()
        self.assertEqual(server.get("/page.txt")[0], 200)
        server.wait_line("the access log of site One is not written: .*W3SVC1")
        self.assertEqual(server.get("/page.txt")[0], 200)

    def test_a_client_that_leaves_and_a_worker_that_dies_have_their_lines(self):
        self.place.add_example("crash")
        server = self.serve_folder()
        for _ in range(2):
            self.assertEqual(server.request("/crash.so?how=null", "POST", body=b"x").status, 502)
        lines = self.access_log().wait(2)
        self.assertEqual({(line["cs-method"], line["sc-status"], line["sc-win32-status"]) for line in lines}, {("POST", "502", "109")})
        error = self.error_log().wait(2)[0]
        self.assertEqual((error["sc-status"], error["s-reason"], error["s-queuename"], error["cs-uri"]),
                         ("502", "Connection_Abandoned_By_ReqQueue", "DefaultAppPool", "/crash.so?how=null"))
        server.wait_line(f"dies of SIGSEGV .* over request {error['x-request-id']}")

    def test_errors_before_and_at_routing_are_in_httperr_with_the_pages_id(self):
        server = self.serve_folder()
        with server.connect() as connection:
            connection.socket.sendall(b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(connection.read_answer().status, 400)
        with server.connect() as connection:
            connection.socket.sendall(b"GET /x%00y HTTP/1.1\r\nHost: a\r\n\r\n")
            page = connection.read_answer().body.decode()
        with server.connect() as connection:
            connection.socket.sendall(b"GET /bad HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n")
            connection.read_answer()
        server.osmia("stop", "pool", "DefaultAppPool")
        stopped = server.request("/page.txt", "HEAD")
        self.assertEqual(stopped.status, 503)
        lines = self.error_log().wait(4)
        self.assertIn("#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename x-request-id\n",
                      self.error_log().text())
        spaced, path, header, queue = lines[:4]
        self.assertEqual((spaced["sc-status"], spaced["c-ip"], spaced["cs-uri"]), ("400", "127.0.0.1", "/a+b"))
        self.assertEqual((path["cs-uri"], path["cs-method"], path["s-reason"], path["cs-version"]), ("/x%00y", "GET", "URL", "HTTP/1.1"))
        self.assertIn(path["x-request-id"], page)
        self.assertEqual((header["cs-uri"], header["s-reason"]), ("/bad", "Header"))
        self.assertEqual((queue["s-reason"], queue["s-queuename"], queue["s-siteid"], queue["cs-method"]), ("Disabled", "DefaultAppPool", "1", "HEAD"))
        self.assertTrue(re.fullmatch("[0-9a-f]{32}", queue["x-request-id"]))

    def test_a_list_of_requests_shows_their_times(self):
        self.place.add_example("sleep_pending")
        server = self.serve_folder()
        server.get_behind("/sleep_pending.so")
        one = wait_for(lambda: next((r for r in server.json("list", "requests") if r["state"] == "running" and r["runningMs"] > 50), None), "a running request")
        self.assertGreaterEqual(one["elapsedMs"], one["runningMs"])
        self.assertEqual(one["sendingMs"], 0)
        self.assertIn("queuedMs", one)


if __name__ == "__main__":
    unittest.main()
