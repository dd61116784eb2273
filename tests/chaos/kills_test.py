"""Everything is killed, again and again, under load: what the design promises then holds each time."""
import os
import pathlib
import random
import signal
import statistics
import time
import unittest

from http_client import Connection
from load import ECHO, Load
from osmia_server import PATIENCE, SANITIZED, ServerTest, anonymous_kilobytes, count_descriptors, descendants, is_running, status_field, wait_for

SLOW = os.environ.get("OSMIA_SLOW") == "1"
WORKER_KILLS = 1000 if SLOW else 60
OTHER_KILLS = 50 if SLOW else 10
WARM_UP_KILLS = 20
CONNECTIONS = 32
# What an allocator may keep after more of the same; a leak per kill or per request shows as far more.
ANONYMOUS_SLACK_KB = 2048


class Holdings:
    """What a process holds: descriptors, mappings and private memory."""

    def __init__(self, pid):
        self.pid = pid
        self.descriptors = count_descriptors(pid)
        self.mappings = len(pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines())
        self.shared = int(status_field(pid, "RssShmem")[0])
        self.anonymous = anonymous_kilobytes(pid)

    def __repr__(self):
        return f"{self.descriptors} descriptors, {self.mappings} mappings, {self.anonymous} kB private, {self.shared} kB shared"

    def is_within(self, before):
        if self.descriptors > before.descriptors:
            return False
        return SANITIZED or (self.mappings <= before.mappings + 8 and self.anonymous <= before.anonymous + ANONYMOUS_SLACK_KB)


class Kills(ServerTest):
    def setUp(self):
        super().setUp()
        seed = random.randrange(1 << 32)
        self.random = random.Random(seed)
        print(f"\nseed {seed}")
        self.place.add_example("vars")
        self.server = self.serve().listening()
        self.ask()

    def ask(self):
        status, body = self.server.get(ECHO + "1")
        self.assertEqual((status, body), (200, f"QUERY_STRING={ECHO.partition('?')[2]}1\n"))

    def kill_worker(self):
        """The one that takes requests, a moment after it began to, or whenever."""
        for worker in self.server.workers():
            if worker["state"] == "running":
                time.sleep(self.random.uniform(0, 0.15))
                try:
                    os.kill(worker["pid"], signal.SIGKILL)
                except ProcessLookupError:  # it had died when the list was made
                    continue
                return True
        return False

    def kill_workers(self, count):
        killed = 0
        while killed < count:
            killed += self.kill_worker()

    def settle(self):
        """One worker, no connection: the same state before and after."""
        self.ask()
        wait_for(lambda: [one["state"] for one in self.server.workers()] == ["running"], "one worker")
        wait_for(lambda: self.server.status()["connections"] == 0, "no connection is left")

    def holdings(self):
        status = self.server.status()
        return {name: Holdings(status[name + "Pid"]) for name in ("listener", "supervisor")}

    def test_killed_workers_cost_no_request_and_leave_nothing_behind(self):
        with Load(self.server.port, connections=CONNECTIONS) as warm_up:
            self.kill_workers(WARM_UP_KILLS)
        warm_up.check(self)
        self.settle()
        before = self.holdings()
        with Load(self.server.port, connections=CONNECTIONS) as load:
            self.kill_workers(WORKER_KILLS)
        print(f"{WORKER_KILLS} kills of the worker: {load.report}")
        load.check(self)
        self.settle()
        try:
            wait_for(lambda: all(held.is_within(before[name]) for name, held in self.holdings().items()), "nothing is left behind")
        finally:
            print("before", before, "\nafter ", self.holdings())
        status = self.server.status()
        self.assertEqual({name: status[name + "Pid"] for name in before}, {name: held.pid for name, held in before.items()})
        self.assertEqual(self.server.json("list", "pools")[0]["state"], "started")

    def test_killed_supervisors_are_not_noticed_by_anybody(self):
        worker = self.server.workers()[0]["pid"]
        listener = self.server.status()["listenerPid"]
        supervisors = set()
        with Load(self.server.port, connections=CONNECTIONS, pause_us=1000) as load:
            while len(supervisors) < OTHER_KILLS:
                supervisor = self.server.status()["supervisorPid"]
                supervisors.add(supervisor)
                os.kill(supervisor, signal.SIGKILL)
                self.ask()
                wait_for(lambda: self.server.osmia("status", status=None).returncode == 0, "a supervisor")
                time.sleep(self.random.uniform(0, 0.02))
        print(f"{OTHER_KILLS} kills of the supervisor: {load.report}")
        load.check(self)
        self.assertEqual([one["pid"] for one in self.server.workers()], [worker])
        self.assertEqual(self.server.status()["listenerPid"], listener)

    def time_to_answer(self):
        """Milliseconds until a new connection is answered; one that the dying listener had accepted is lost."""
        begin = time.monotonic()
        while time.monotonic() < begin + PATIENCE:
            try:
                with Connection(self.server.port, timeout=PATIENCE) as connection:
                    self.assertEqual(connection.request(ECHO + "2").status, 200)
                    return (time.monotonic() - begin) * 1000
            except (OSError, EOFError):
                continue
        self.fail("no answer")

    def kill_listener(self):
        listener = wait_for(lambda: self.server.status()["listenerPid"], "a listener")
        os.kill(listener, signal.SIGKILL)
        wait = self.time_to_answer()
        wait_for(lambda: self.server.status()["listenerPid"] not in (0, listener), "another listener")
        return wait

    def check_listener_kills(self, load):
        worker = self.server.workers()[0]["pid"]
        if load is None:
            waits = [self.kill_listener() for _ in range(OTHER_KILLS)]
        else:
            with load:
                waits = [self.kill_listener() for _ in range(OTHER_KILLS)]
            load.check(self)
            print(load.report)
        print(f"{OTHER_KILLS} kills of the listener, time to the next answer: p50 {statistics.median(waits):.1f} ms, worst {max(waits):.1f} ms")
        self.assertEqual([one["pid"] for one in self.server.workers()], [worker])

    def test_after_a_killed_listener_the_next_connection_is_answered(self):
        self.check_listener_kills(None)

    def test_after_a_killed_listener_under_load_connections_are_lost_and_nothing_else(self):
        self.check_listener_kills(Load(self.server.port, connections=8, lossy=True, pause_us=2000))

    def test_a_killed_guardian_takes_everything_with_it_and_the_next_serve_answers(self):
        for _ in range(OTHER_KILLS):
            family = descendants(self.server.process.pid)
            self.assertGreaterEqual(len(family), 3)
            with Load(self.server.port, connections=4, lossy=True, pause_us=1000) as load:
                time.sleep(self.random.uniform(0, 0.05))
                self.server.kill()
                wait_for(lambda: not any(is_running(pid) for pid in family), "everything ends")
            self.assertEqual(load.report["failures"], 0, load.report["told"])
            self.server = self.serve().listening()
            self.ask()

    def test_everything_at_once(self):
        """Worker, listener and supervisor in any order: afterwards the server answers as if nothing had been."""
        with Load(self.server.port, connections=8, lossy=True, pause_us=2000) as load:
            for _ in range(OTHER_KILLS):
                status = self.server.status()
                victims = [status["supervisorPid"], status["listenerPid"], *(one["pid"] for one in self.server.workers())]
                self.random.shuffle(victims)
                for pid in filter(None, victims):
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                    time.sleep(self.random.choice((0, 0.001, 0.01)))
                wait_for(lambda: self.server.osmia("status", status=None).returncode == 0, "a supervisor")
                self.time_to_answer()
        load.check(self)
        print(f"{OTHER_KILLS} times everything: {load.report}")
        self.assertEqual(self.server.end(), 0)


if __name__ == "__main__":
    unittest.main()
