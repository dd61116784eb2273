"""The channel between listener and workers, with the real programs: bound connections, web gardens, sends that complete, the
no-op, sleep."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import struct
import time
import unittest

from osmia_server import ServerTest, is_running, pool, site, wait_for

EXTENSIONS = pathlib.Path(os.environ["OSMIA_TEST_EXTENSIONS"])
GARDEN = '<processModel maxProcesses="{count}" />'


def occupy(server):
    """A request that keeps a worker busy, waiting for its body, until its connection is closed."""
    connection = server.connect()
    connection.send_head("/md5_post.so", "POST", [("Content-Length", "10"), ("Expect", "100-continue")])
    return connection


class Answer:
    """A line of the connection module."""

    def __init__(self, answer):
        self.pid, self.requests, self.disconnected, self.cleaned = map(int, answer.body.split())


class BoundConnections(ServerTest):
    """A pool of two workers with a module that keeps something for connections."""

    def setUp(self):
        super().setUp()
        module = self.place.folder / "connection_module.so"
        shutil.copy(EXTENSIONS / "connection_module.so", module)
        module.chmod(0o755)
        self.place.add_example("md5_post")
        more = ('<system.webServer><globalModules><add name="IsapiModule" image="isapi.so" />'
                f'<add name="AnonymousAuthenticationModule" image="anonymous_authentication.so" /><add name="Kept" image="{module}" /></globalModules>'
                '<modules><add name="IsapiModule" /><add name="AnonymousAuthenticationModule" /><add name="Kept" /></modules>'
                '<handlers accessPolicy="Read, Script, Execute"><add name="Isapi" path="*.so" verb="*" modules="IsapiModule" resourceType="File"'
                ' requireAccess="Execute" /><add name="Kept" path="*" verb="*" modules="Kept" resourceType="Unspecified"'
                ' requireAccess="None" /></handlers>'
                '<security><isapiCgiRestriction notListedIsapisAllowed="true" /></security></system.webServer>')
        path = self.place.folder / "applicationHost.config"
        path.write_text('<configuration><system.applicationHost><applicationPools>' + pool("two", "", GARDEN.format(count=2)) +
                        "</applicationPools><sites>" + site("s", 1, "two", self.place.site) + "</sites></system.applicationHost>" + more +
                        "</configuration>")
        path.chmod(0o644)
        self.server = self.serve("--config", path).listening()
        self.waiting = []
        self.addCleanup(lambda: [one.close() for one in self.waiting])
        self.grow()

    def occupy(self):
        """A request that keeps a worker busy until its connection is closed."""
        self.waiting.append(occupy(self.server))

    def grow(self):
        """Two running workers, each with one request that waits."""
        self.occupy()
        self.occupy()
        wait_for(lambda: [one["state"] for one in self.server.workers()] == ["running"] * 2, "two workers")
        self.occupy()
        wait_for(lambda: len(self.server.json("list", "requests")) == 3, "three requests that wait")

    def ask(self, connection, target="/"):
        return Answer(connection.request(target))

    def other_pid(self, pid):
        return next(one["pid"] for one in self.server.workers() if one["pid"] != pid)

    def test_a_bound_connection_stays_with_its_worker_and_its_end_is_told(self):
        with self.server.connect() as bound:
            first = self.ask(bound, "/?keep")
            self.assertEqual(first.requests, 1)
            for _ in range(4):
                self.occupy()  # both workers get more to do: the bound connection's worker is never the idle one for long
            for count in range(2, 12):
                answer = self.ask(bound)
                self.assertEqual((answer.pid, answer.requests, answer.disconnected), (first.pid, count, 0))

        def told():
            """Asks until the bound worker answers; its counters say what it was told."""
            with self.server.connect() as one:
                answer = self.ask(one)
            return answer.pid == first.pid and (answer.disconnected, answer.cleaned) == (1, 1) or self.occupy_other(answer.pid, first.pid)

        wait_for(told, "the worker hears that its connection has closed")

    def occupy_other(self, answered, wanted):
        """Makes the worker that answered busier, so that the wanted one is chosen next."""
        if answered != wanted:
            self.occupy()
        return False

    def test_a_connection_that_is_not_bound_goes_to_any_worker(self):
        seen = set()
        with self.server.connect() as connection:
            def both():
                seen.add(self.ask(connection).pid)
                self.occupy()
                return len(seen) == 2

            wait_for(both, "answers of both workers on one connection")

    def test_a_bound_connection_ends_with_its_worker(self):
        with self.server.connect() as bound:
            pid = self.ask(bound, "/?keep").pid
            os.kill(pid, signal.SIGKILL)
            # Sent before the listener knows of the death, the request gets 502; after it, the connection has closed.
            with contextlib.suppress(EOFError, OSError):
                self.assertEqual(bound.request("/").status, 502)
            with self.assertRaises((EOFError, OSError)):
                bound.request("/")
        self.assertEqual(self.server.request("/").status, 200)

    def test_recycling_lets_a_bound_connection_ask_once_more(self):
        with self.server.connect() as bound:
            pid = self.ask(bound, "/?keep").pid
            for one in self.waiting:
                one.close()
            self.server.osmia("recycle", "pool", "two")
            answer = bound.request("/")
            self.assertEqual((Answer(answer).pid, answer.header("Connection")), (pid, "close"))
        wait_for(lambda: not is_running(pid), "the old worker ends when its last connection has gone")


class Gardens(ServerTest):
    def test_a_web_garden_grows_to_its_maximum_and_no_further(self):
        self.place.add_example("md5_post", "vars")
        path = self.configure([pool("garden", "", GARDEN.format(count=3))], [site("s", 1, "garden", self.place.site)])
        server = self.serve("--config", path).listening()
        waiting = []
        self.addCleanup(lambda: [one.close() for one in waiting])

        def grown():
            waiting.append(occupy(server))
            return [one["state"] for one in server.workers()] == ["running"] * 3

        wait_for(grown, "three workers")
        for _ in range(20):
            waiting.append(occupy(server))
        self.assertEqual(server.get("/vars.so?name=APP_POOL_ID"), (200, "APP_POOL_ID=garden\n"))
        self.assertEqual(len(server.workers()), 3)

    def test_one_request_at_a_time_needs_one_worker(self):
        self.place.add_example("vars")
        path = self.configure([pool("garden", "", GARDEN.format(count=3))], [site("s", 1, "garden", self.place.site)])
        server = self.serve("--config", path).listening()
        with server.connect() as connection:
            for _ in range(200):
                connection.request("/vars.so?name=APP_POOL_ID")
        self.assertEqual(len(server.workers()), 1)


class Sends(ServerTest):
    """Asynchronous writes: their completion says that the client's socket has the bytes."""

    BLOCKS = 1024  # of 64 KiB: more than any socket holds

    def setUp(self):
        super().setUp()
        for name in ("paced",):
            shutil.copy(EXTENSIONS / f"{name}.so", self.place.site)
        self.server = self.serve().listening()

    def counts(self):
        completed, failed, error = map(int, self.server.get("/paced.so?count")[1].split())
        return completed, failed, error

    def test_every_write_completes_when_the_client_reads(self):
        answer = self.server.request(f"/paced.so?blocks={self.BLOCKS}")
        self.assertEqual(len(answer.body), self.BLOCKS * 65536)
        wait_for(lambda: self.counts()[:2] == (self.BLOCKS, 0), "all completions")

    def test_a_client_that_leaves_makes_the_write_fail_once(self):
        with self.server.connect() as connection:
            connection.send_request(f"/paced.so?blocks={self.BLOCKS}")
            connection.read_head()
            seen = []

            def full():
                seen.append(self.counts()[0])
                return len(seen) > 20 and len(set(seen[-20:])) == 1

            wait_for(full, "writes wait for the client")
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wait_for(lambda: self.counts()[1] == 1, "the failed completion")
        completed, failed, error = self.counts()
        self.assertLess(completed, self.BLOCKS)
        self.assertIn((failed, error), ((1, 995), (1, 64)))  # ERROR_OPERATION_ABORTED, ERROR_NETNAME_DELETED

    def test_slow_readers_hold_no_thread(self):
        """More of them than a worker has threads."""
        with contextlib.ExitStack() as stack:
            for _ in range(300):
                connection = stack.enter_context(self.server.connect())
                connection.send_request(f"/paced.so?blocks={self.BLOCKS}")
                connection.read_head()
            wait_for(lambda: self.counts()[0] >= 300, "every client's first block is out")
            worker = self.server.workers()[0]["pid"]
            self.assertLess(len(os.listdir(f"/proc/{worker}/task")), 200)


class NoOp(ServerTest):
    def test_a_worker_whose_channel_answers_nothing_is_replaced(self):
        """SIGSTOP is the plainest way to answer nothing. The pool's pings would take two minutes; the no-op takes ten seconds."""
        self.place.add_example("sleep_pending", "hello")
        server = self.serve().listening()
        with server.connect() as waiting:
            waiting.send_request("/sleep_pending.so?s=1000", "POST", body=b"")
            wait_for(lambda: [one["state"] for one in server.json("list", "requests")] == ["running"], "a request that runs")
            stuck = server.workers()[0]["pid"]
            os.kill(stuck, signal.SIGSTOP)
            self.assertEqual(server.request("/hello.so", timeout=60).status, 200, "repeated on the next worker")
            self.assertEqual(waiting.read_answer().status, 502)
        server.wait_line(rf"worker {stuck} of pool DefaultAppPool was ended: its channel thread does not answer")
        self.assertNotIn(stuck, [one["pid"] for one in server.workers()])

    def test_a_slow_extension_is_no_reason(self):
        """Longer than it takes to find a worker that answers nothing."""
        self.place.add_example("sleep_pending")
        server = self.serve().listening()
        self.assertEqual(server.request("/sleep_pending.so?s=13", timeout=60).body, b"slept\n")
        self.assertIsNone(server.find_line("was ended"))


class Idle(ServerTest):
    def switches(self, pid):
        return sum(int(line.split()[1]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                   for line in (task / "status").read_text().splitlines() if line.startswith("voluntary_ctxt_switches"))

    def test_an_idle_worker_sleeps(self):
        self.place.add_example("hello")
        server = self.serve().listening()
        self.assertEqual(server.get("/hello.so")[0], 200)
        pid = server.workers()[0]["pid"]

        def sleeps():
            before = self.switches(pid)
            time.sleep(3)
            return self.switches(pid) == before

        wait_for(sleeps, "three seconds in which no thread of the worker wakes")
        self.assertEqual(server.get("/hello.so")[0], 200)

    def test_extensions_requests_are_counted_to_the_last_one(self):
        self.place.add_example("hello")
        server = self.serve().listening()
        for count in range(1, 6):
            server.get("/hello.so")
            self.assertEqual([one["requests"] for one in server.json("list", "extensions")], [count])


if __name__ == "__main__":
    unittest.main()
