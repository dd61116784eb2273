"""A planned replacement of the listener: the next one takes the sockets, the old one finishes, nothing is lost."""
import os
import random
import signal
import time
import unittest

from load import Load
from osmia_server import ServerTest, is_running, pool, site, wait_for

ROUNDS = 100 if os.environ.get("OSMIA_SLOW") == "1" else 20
CONNECTIONS = 32


class Replacements(ServerTest):
    def setUp(self):
        super().setUp()
        self.place.add_example("vars", "hello", "slow_stream", "sleep_pending")
        self.sites = [site("s", 1, "a", self.place.site)]
        self.server = self.serve("--config", self.configure([pool("a")], self.sites)).listening()
        self.assertEqual(self.server.get("/hello.so")[0], 200)

    def replace(self):
        old = self.server.status()["listenerPid"]
        self.server.osmia("recycle", "listener")
        new = self.server.status()["listenerPid"]
        self.assertNotEqual(old, new)
        return old

    def test_no_request_fails_while_the_listener_is_replaced(self):
        old = set()
        with Load(self.server.port, connections=CONNECTIONS) as load, Load(self.server.port, connections=4, pause_us=50_000) as slow:
            for _ in range(ROUNDS):
                old.add(self.replace())
                time.sleep(random.uniform(0, 0.05))
        for one in (load, slow):
            print(f"\n{ROUNDS} replacements: {one.report}")
            one.check(self)
        self.assertEqual(len(old), ROUNDS)
        wait_for(lambda: not any(is_running(pid) for pid in old), "the replaced listeners end")
        self.assertEqual(len(self.server.workers()), 1)
        self.assertNotIn("died", self.server.text())

    def test_no_request_fails_while_listener_and_workers_are_replaced_together(self):
        with Load(self.server.port, connections=CONNECTIONS) as load:
            for _ in range(ROUNDS):
                self.replace()
                self.server.osmia("recycle", "pool", "a")
        print(f"\n{ROUNDS} replacements of both: {load.report}")
        load.check(self)
        wait_for(lambda: len(self.server.workers()) == 1, "the old workers end")
        self.assertNotIn("died", self.server.text())

    def test_a_replaced_listener_finishes_what_it_has_and_its_queue(self):
        with self.server.connect() as streaming, self.server.connect() as idle, self.server.connect() as waiting:
            self.assertEqual(idle.request("/hello.so").status, 200)
            streaming.send_request("/slow_stream.so?lines=20&ms=50")
            streaming.read_until(b"line 1\n")
            waiting.send_request("/sleep_pending.so?s=1")
            wait_for(lambda: len(self.server.json("list", "requests")) == 2, "both run")
            old = self.replace()
            self.assertEqual(self.server.get("/hello.so")[0], 200)
            self.assertEqual(len(self.server.json("list", "requests")), 2, "the requests of every listener are listed")
            streaming.read_until(b"line 20\n")
            self.assertEqual(waiting.read_answer().body, b"slept\n")
            # A client that was promised its connection may use it once more; the answer says that it is the last.
            answer = idle.request("/hello.so")
            self.assertEqual((answer.status, answer.header("Connection")), (200, "close"))
        wait_for(lambda: not is_running(old), "the replaced listener ends")

    def test_a_queue_without_a_worker_is_served_although_the_listener_was_replaced(self):
        worker = self.server.workers()[0]["pid"]
        with self.server.connect() as kept:
            self.assertEqual(kept.request("/hello.so").status, 200)
            old = self.replace()
            os.kill(worker, signal.SIGKILL)
            wait_for(lambda: not is_running(worker), "the worker dies")
            self.assertEqual(kept.request("/hello.so").status, 200, "a new worker serves the old listener, too")
        wait_for(lambda: not is_running(old), "the replaced listener ends")

    def test_a_supervisor_that_dies_knows_its_replaced_listeners_again(self):
        with self.server.connect() as streaming:
            streaming.send_request("/slow_stream.so?lines=40&ms=50")
            streaming.read_until(b"line 1\n")
            old = self.replace()
            listener, supervisor = (self.server.status()[key] for key in ("listenerPid", "supervisorPid"))
            os.kill(supervisor, signal.SIGKILL)
            wait_for(lambda: self.server.status()["supervisorPid"] != supervisor, "the next supervisor")
            self.assertEqual(self.server.status()["listenerPid"], listener)
            self.server.osmia("recycle", "pool", "a")
            streaming.read_until(b"line 40\n")
        wait_for(lambda: not is_running(old), "the replaced listener ends")
        wait_for(lambda: len(self.server.workers()) == 1, "the old worker ends after the last answer")
        self.assertNotIn("connections are lost", self.server.text())


if __name__ == "__main__":
    unittest.main()
