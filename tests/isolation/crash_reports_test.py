"""A crash explains itself: who, where, with which requests, and what became of them."""
import os
import re
import stat
import subprocess
import unittest

from osmia_server import ServerTest, wait_for

SUFFIX = r"\(osmia show crash ([0-9a-f]+)\)$"


class CrashReports(ServerTest):
    def setUp(self):
        super().setUp()
        self.place.add_example("crash", "hello", "sleep_pending")
        self.server = self.serve().listening()
        self.assertEqual(self.server.get("/hello.so")[0], 200)
        self.worker = self.server.workers()[0]["pid"]

    def crash(self, how):
        """The client's page and the report that the foreground names."""
        page = self.server.request(f"/crash.so?how={how}", "POST", headers=[("Cookie", "secret-cookie"), ("Authorization", "secret-word")], body=b"secret-body")
        self.assertEqual(page.status, 502)
        line = self.server.wait_line(rf"worker {self.worker} of pool DefaultAppPool .*{SUFFIX}")
        return page.body.decode(), line.string, self.server.json("show", "crash", line.group(1))

    def test_a_write_through_null_names_extension_function_request_and_report(self):
        page, line, report = self.crash("null")
        self.assertRegex(line, r"died: SIGSEGV in crash\.so: .+ \(osmia show crash")
        self.assertIn(report["id"], page, "the local page names the report")
        self.assertEqual((report["pool"], report["pid"], report["death"]), ("DefaultAppPool", self.worker, "SIGSEGV"))
        self.assertTrue(report["module"].endswith("/site/crash.so"), report["module"])
        build_id = re.search(r"Build ID: ([0-9a-f]+)", subprocess.run(["readelf", "-n", self.place.site / "crash.so"], capture_output=True, text=True, check=True).stdout)
        self.assertEqual(report["buildId"], build_id.group(1))
        own = [frame for frame in report["stack"] if frame["extension"]]
        self.assertTrue(any("HttpExtensionProc" in frame["function"] for frame in own), report["stack"])
        self.assertTrue(any("osmia-worker" in frame["module"] for frame in report["stack"]), "the stack goes down to the worker's own thread")
        self.assertEqual([(one["method"], one["url"], one["client"], one["outcome"]) for one in report["requests"]],
                         [("POST", "/crash.so?how=null", "127.0.0.1", "answered with 502")])
        self.assertEqual(report["request"], report["requests"][0]["id"])
        self.assertIn(report["request"], page, "the same id on the page")
        self.assertIn("osmia", report["versions"])
        path = self.place.state / "crashes" / f"{report['id']}.json"
        self.assertNotIn("secret", path.read_text())
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)

    def test_every_way_to_die_by_ones_own_fault_is_reported(self):
        for how, death, function in (("abort", "SIGABRT", "HttpExtensionProc"), ("exit", "exit status 3", "HttpExtensionProc"),
                                     ("stack", "SIGSEGV", ""), ("raw_exit", "exit status 4", "HttpExtensionProc")):
            self.assertEqual(self.server.get("/hello.so")[0], 200)
            self.worker = self.server.workers()[0]["pid"]
            _, line, report = self.crash(how)
            self.assertEqual(report["death"], death)
            if how == "stack":  # a stack that has overflowed cannot always be walked
                self.assertTrue(self.server.get("/hello.so")[0] == 200)
                continue
            self.assertTrue(report["module"].endswith("/site/crash.so"), (how, report["module"]))
            self.assertTrue(any(function in frame["function"] for frame in report["stack"]), (how, report["stack"]))
            if how != "raw_exit":  # the fourth of them; five stop the pool
                self.assertEqual(self.server.get("/hello.so")[0], 200)
        self.assertEqual(len(self.server.json("list", "crashes")), 4)

    def test_what_became_of_the_other_requests_stands_in_the_report(self):
        with self.server.connect() as waiting, self.server.connect() as posting:
            waiting.send_request("/sleep_pending.so?s=2")
            posting.send_request("/sleep_pending.so?s=2", "POST", body=b"x")
            wait_for(lambda: len(self.server.json("list", "requests")) == 2, "both run")
            _, _, report = self.crash("null")
            self.assertEqual(sorted((one["method"], one["outcome"]) for one in report["requests"]),
                             [("GET", "repeated"), ("POST", "answered with 502"), ("POST", "answered with 502")])
            self.assertEqual(waiting.read_answer().body, b"slept\n")

    def test_a_replaced_file_is_not_taken_for_the_one_that_crashed(self):
        self.server.get_behind("/sleep_pending.so?s=1")
        wait_for(lambda: self.server.json("list", "extensions"), "an extension is loaded")
        self.server.request("/crash.so?how=nothing")
        other = self.place.site / "other.so"
        self.place.add_example("vars")
        os.replace(self.place.site / "vars.so", other)
        os.replace(other, self.place.site / "crash.so")
        _, _, report = self.crash("null")
        frame = next(frame for frame in report["stack"] if frame["extension"])
        self.assertEqual(frame["source"], "the file has changed since it was loaded")

    def test_a_worker_killed_from_outside_is_not_reported(self):
        os.kill(self.worker, 9)
        self.server.wait_line(rf"worker {self.worker} of pool DefaultAppPool died: SIGKILL$")
        self.assertEqual(self.server.json("list", "crashes"), [])

    def test_reports_survive_the_server_and_unknown_ones_are_told(self):
        _, _, report = self.crash("null")
        self.assertEqual(self.server.end(), 0)
        server = self.serve().listening()
        self.assertEqual([one["id"] for one in server.json("list", "crashes")], [report["id"]])
        self.assertIn("SIGSEGV", server.osmia("list", "crashes").stdout)
        text = server.osmia("show", "crash", report["id"]).stdout
        self.assertIn("HttpExtensionProc", text)
        self.assertIn("/crash.so?how=null", text)
        server.osmia("show", "crash", "nowhere", status=4)
        server.osmia("show", "crash", "../accepted", status=4)


if __name__ == "__main__":
    unittest.main()
