"""The sample site, served by the real programs: what its page promises to a visitor."""
import http.client
import json
import os
import shutil
import threading
import unittest
import urllib.parse

from osmia_server import PATIENCE, ServerTest, wait_for

SITE = os.environ["OSMIA_SAMPLE_SITE"]
POLLERS = 4


class Poller(threading.Thread):
    """A visitor's page: asks status.so again and again, on one connection as long as that stays open."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.pids, self.failures, self.answers = [], [], 0
        self.stopping = threading.Event()
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while not self.stopping.is_set():
            try:
                connection.request("GET", "/status.so")
                answer = connection.getresponse()
                body = answer.read().decode()
                if answer.status != 200:
                    self.failures.append(f"status {answer.status}")
                    continue
                self.answers += 1
                pid = json.loads(body)["pid"]
                if not self.pids or self.pids[-1] != pid:
                    self.pids.append(pid)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.failures.append(repr(error))
                connection.close()
        connection.close()

    def finish(self):
        self.stopping.set()
        self.join(PATIENCE)


class SampleSite(ServerTest):
    def setUp(self):
        super().setUp()
        # A copy: the tree may lie below a folder, such as /root, that workers cannot pass.
        shutil.copytree(SITE, self.place.site, dirs_exist_ok=True)
        self.server = self.serve().listening()

    def post(self, target, body=b"", headers=()):
        return self.server.request(target, "POST", headers, body)

    def sign(self, name, message):
        form = urllib.parse.urlencode({"name": name, "message": message}).encode()
        return self.post("/guestbook.so", form, [("Content-Type", "application/x-www-form-urlencoded")])

    def test_the_page_and_everything_it_names_is_served_with_its_type(self):
        answer = self.server.request("/")
        page = answer.body.decode()
        self.assertEqual((answer.status, answer.media_type()), (200, "text/html"))
        for name, content_type in (("style.css", "text/css"), ("watch.js", "text/javascript"), ("bee.svg", "image/svg+xml")):
            self.assertIn(f'"{name}"', page)
            answer = self.server.request("/" + name)
            self.assertEqual((name, answer.status, answer.media_type()), (name, 200, content_type))

    def test_the_status_names_the_worker_that_the_server_lists(self):
        answer = self.server.request("/status.so")
        self.assertEqual((answer.status, answer.media_type()), (200, "application/json"))
        facts = json.loads(answer.body)
        self.assertIn(facts["pid"], [worker["pid"] for worker in self.server.workers()])
        self.assertEqual(facts["pool"], "DefaultAppPool")

    def test_an_entry_is_in_the_guestbook_after_the_redirect_and_after_a_restart_of_the_server(self):
        answer = self.sign("Ada <b>", "Grüße & more")
        self.assertEqual((answer.status, answer.header("Location")), (303, "guestbook.so"))
        self.assertIn("Grüße &amp; more", self.server.get("/guestbook.so")[1])
        self.assertEqual(self.server.end(), 0)
        self.server = self.serve().listening()
        status, page = self.server.get("/guestbook.so")
        self.assertEqual(status, 200)
        self.assertIn("<strong>Ada &lt;b&gt;</strong>", page)

    def test_an_entry_that_is_too_long_is_refused(self):
        self.assertEqual(self.sign("Ada", "m" * 2001).status, 400)
        self.assertEqual(self.sign("Ada", "m" * 40000).status, 413)
        self.assertIn("Nobody has written yet.", self.server.get("/guestbook.so")[1])

    def test_the_button_ends_the_worker_and_no_visitor_notices(self):
        self.assertEqual(self.sign("Before", "the crash").status, 303)
        pollers = [Poller(self.server.port) for _ in range(POLLERS)]
        try:
            wait_for(lambda: all(poller.answers > 0 for poller in pollers), "answers for every poller")
            first = pollers[0].pids[0]
            self.assertEqual(self.post("/fault.so").status, 502)
            wait_for(lambda: all(poller.pids[-1] != first for poller in pollers), "another worker for every poller")
        finally:
            for poller in pollers:
                poller.finish()
        self.assertEqual([poller.failures for poller in pollers], [[]] * POLLERS)
        self.assertEqual({len(poller.pids) for poller in pollers}, {2})
        self.assertIn("the crash", self.server.get("/guestbook.so")[1])
        self.assertIn("SIGSEGV", self.server.text())

    def test_five_faults_stop_the_pool_and_a_command_brings_it_back(self):
        for _ in range(5):
            self.assertEqual(self.post("/fault.so").status, 502)
        self.assertEqual(self.server.get("/status.so")[0], 503)
        self.server.osmia("start", "pool", "DefaultAppPool")
        self.assertEqual(self.server.get("/status.so")[0], 200)

    def test_the_button_is_no_link_and_no_other_sites_form(self):
        before = json.loads(self.server.get("/status.so")[1])["pid"]
        self.assertEqual(self.server.get("/fault.so")[0], 405)
        self.assertEqual(self.post("/fault.so", headers=[("Origin", "http://elsewhere.example")]).status, 403)
        self.assertEqual(json.loads(self.server.get("/status.so")[1])["pid"], before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
