#!/usr/bin/env python3
"""What supervision promises, shown with the real guardian, supervisor, listener and command line."""
import http.client
import os
import pathlib
import signal
import stat
import statistics
import time
import unittest

from osmia_server import PATIENCE, Server, ServerTest, count_descriptors, is_running, pool, site, status_field, wait_for

FAKE_WORKER = pathlib.Path(os.environ["OSMIA_FAKE_WORKER"])

class Supervision(ServerTest):
    def make_place(self, **options):
        return super().make_place(worker=FAKE_WORKER, **options)


class Serving(Supervision):
    def test_no_worker_exists_until_a_request_needs_one(self):
        server = self.serve().listening()
        self.assertEqual(server.workers(), [])
        pid = server.pid_of_answer()
        self.assertEqual([(one["pid"], one["pool"], one["state"]) for one in server.workers()], [(pid, "DefaultAppPool", "running")])

    def test_termination_drains_and_leaves_nothing(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        status = server.json("status")
        self.assertEqual(status["pid"], server.process.pid)
        self.assertEqual(server.end(), 0)
        for pid in (worker, status["supervisorPid"], status["listenerPid"]):
            self.assertFalse(is_running(pid))
        self.assertFalse((self.place.state / "control.sock").exists())
        self.assertEqual(list((self.place.state / "running").iterdir()), [])
        self.assertEqual(list((self.place.state / "tmp").iterdir()), [])

    def test_a_second_interrupt_ends_at_once(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        os.kill(server.json("status")["listenerPid"], signal.SIGSTOP)  # nothing can drain now
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(PATIENCE), 1)
        self.assertFalse(is_running(worker))

    def test_children_are_outside_the_terminals_process_group(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        status = server.json("status")
        for pid in (worker, status["listenerPid"], status["supervisorPid"]):
            self.assertEqual(os.getpgid(pid), pid)

    def test_a_second_server_names_the_first(self):
        server = self.serve().listening()
        second = self.serve()
        self.assertEqual(second.process.wait(PATIENCE), 1)
        second.reader.join(PATIENCE)
        self.assertIn(f"is in use by the server with pid {server.process.pid}", second.text())
        self.assertEqual(server.get()[0], 200)

    def test_a_taken_port_is_told(self):
        server = self.serve().listening()
        other = self.make_place()
        second = self.serve(other.site, "--listen", f"127.0.0.1:{server.port}", place=other)
        self.assertEqual(second.process.wait(PATIENCE), 1)
        second.reader.join(PATIENCE)
        self.assertIn("another program listens there", second.text())

    def test_a_configuration_with_errors_is_refused_with_the_place(self):
        path = self.configure([pool("a", 'queueLength="many"')], [])
        server = self.serve("--config", path)
        self.assertEqual(server.process.wait(PATIENCE), 1)
        server.reader.join(PATIENCE)
        self.assertRegex(server.text(), r"applicationHost\.config:\d+:\d+: error: ")

    def test_unix_sockets_and_ipv6_are_served(self):
        socket = self.place.folder / "x.sock"
        server = self.serve(self.place.site, "--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--listen", f"unix:{socket}")
        server.wait_line(rf"Listening on http://127\.0\.0\.1:\d+/, http://\[::1\]:\d+/, unix:{socket} \(Default Web Site\)")
        self.assertTrue(stat.S_ISSOCK(socket.stat().st_mode))
        self.assertEqual(server.end(), 0)
        self.assertFalse(socket.exists())

    def test_many_sites_are_printed_as_a_count(self):
        sites = [site(f"site{i}", i, "a", self.place.site, f"127.0.0.1:0:host{i}") for i in range(1, 22)]
        server = self.serve("--config", self.configure([pool("a")], sites))
        server.wait_line(r"Listening: 21 sites on 1 sockets")

    def test_lines_of_a_worker_come_with_time_pool_and_pid(self):
        server = self.serve().listening()
        pid = server.pid_of_answer("/say")
        server.wait_line(rf"^\d\d:\d\d:\d\d\.\d\d\d DefaultAppPool\[{pid}\]: a line of the worker$")

    def test_each_application_has_a_data_folder(self):
        server = self.serve().listening()
        environment = dict(line.split("=", 1) for line in server.get("/env")[1].splitlines()[1:])
        data = pathlib.Path(environment["OSMIA_DATA"]) / "Default Web Site" / "ROOT"
        self.assertEqual(environment["OSMIA_APPLICATION_DATA"], str(data))
        if os.geteuid() == 0:
            worker = server.workers()[0]["pid"]
            self.assertEqual(data.stat().st_uid, pathlib.Path(f"/proc/{worker}").stat().st_uid)


class Commands(Supervision):
    def test_exit_statuses_are_a_contract(self):
        server = self.serve().listening()
        server.osmia("recycle", "pool", "nowhere", status=4)
        server.osmia("stop", "site", "nowhere", status=4)
        server.osmia("list", "things", status=2)
        server.osmia("stop", "pool", "DefaultAppPool", status=0)
        server.osmia("recycle", "pool", "DefaultAppPool", status=1)
        self.assertEqual(server.end(), 0)
        server.osmia("status", status=3)

    def test_a_stopped_pool_answers_503_until_it_is_started(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        server.osmia("stop", "pool", "defaultapppool")
        self.assertFalse(is_running(worker), "stop returns when it is done")
        self.assertEqual(server.get()[0], 503)
        self.assertEqual(server.json("list", "pools")[0]["state"], "stopped")
        server.osmia("start", "pool", "DefaultAppPool")
        self.assertEqual(server.get()[0], 200)

    def test_a_stopped_site_does_not_answer(self):
        server = self.serve().listening()
        server.osmia("stop", "site", "Default Web Site")
        self.assertNotEqual(server.get()[0], 200)
        self.assertEqual(server.json("list", "sites")[0]["state"], "stopped")
        server.osmia("start", "site", "Default Web Site")
        self.assertEqual(server.get()[0], 200)

    def test_recycling_replaces_the_worker(self):
        server = self.serve().listening()
        old = server.pid_of_answer()
        server.osmia("recycle", "pool", "DefaultAppPool")
        new = server.pid_of_answer()
        self.assertNotEqual(old, new)
        wait_for(lambda: not is_running(old), "the old worker ends")
        self.assertNotIn("died", server.text())

    def test_lists_are_arrays_with_the_promised_fields(self):
        server = self.serve().listening()
        server.get()
        fields = {"workers": {"pool", "pid", "state", "requests", "startedAt"}, "pools": {"name", "state", "workers", "queueLength", "queued"}}
        for what in ("sites", "apps", "vdirs", "pools", "workers", "requests", "modules", "extensions"):
            listed = server.json("list", what)
            self.assertIsInstance(listed, list)
            self.assertTrue(all(fields.get(what, set()) <= set(one) for one in listed), listed)
        self.assertEqual(server.json("list", "workers")[0]["requests"], 1)
        self.assertEqual(server.json("list", "pools")[0]["queueLength"], 1000)

    def test_running_requests_are_listed(self):
        server = self.serve().listening()
        server.get_behind("/hang")
        request = wait_for(lambda: server.json("list", "requests"), "the request is listed")[0]
        self.assertEqual((request["method"], request["url"], request["site"], request["pool"]), ("GET", "/hang", "Default Web Site", "DefaultAppPool"))
        self.assertIn(request["state"], ("queued", "running"))
        server.destroy()

    def test_shutdown_returns_when_the_server_has_ended(self):
        server = self.serve().listening()
        server.get()
        server.osmia("shutdown")
        self.assertEqual(server.process.wait(PATIENCE), 0)

    def test_a_time_limit_ends_the_wait(self):
        path = self.configure([pool("a", "", '<environmentVariables><add name="FAKE_START" value="wait"/></environmentVariables>')],
                              [site("s", 1, "a", self.place.site)])
        server = self.serve("--config", path).listening()
        server.get_behind("/")
        wait_for(lambda: [one["state"] for one in server.workers()] == ["starting"], "a worker is starting")
        done = server.osmia("recycle", "pool", "a", "--timeout", "0.2", status=1)
        self.assertIn("time limit", done.stderr)
        server.osmia("recycle", "pool", "a", "--no-wait")
        server.destroy()

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_strangers_are_refused(self):
        server = self.serve().listening()
        self.assertIn("permission denied", server.osmia("status", status=1, user=54321).stderr)
        self.assertIn("permission denied", server.osmia("shutdown", status=1, user=54321).stderr)
        self.assertEqual(server.get()[0], 200)


class Reloading(Supervision):
    def test_only_what_changed_is_touched(self):
        first = self.place.folder / "first"
        first.mkdir()
        sites = [site("one", 1, "a", self.place.site, "127.0.0.1:0:"), site("two", 2, "b", self.place.site, "127.0.0.1:0:two")]
        path = self.configure([pool("a"), pool("b")], sites)
        server = self.serve("--config", path).listening()
        old = server.pid_of_answer()
        self.assertEqual(server.osmia("reload").stdout, "nothing has changed\n")
        self.assertEqual(server.pid_of_answer(), old)

        self.configure([pool("a"), pool("b", 'queueLength="20"'), pool("c")], sites)
        told = server.osmia("reload").stdout
        self.assertIn("pool b: changed", told)
        self.assertIn("pool c: added", told)
        self.assertNotIn("pool a", told)
        self.assertEqual(server.pid_of_answer(), old)

        self.configure([pool("a", "", '<environmentVariables><add name="X" value="1"/></environmentVariables>'), pool("b", 'queueLength="20"')], sites)
        told = server.osmia("reload").stdout
        self.assertIn("pool a: changed, recycled", told)
        self.assertIn("pool c: removed", told)
        self.assertNotEqual(server.pid_of_answer(), old)

    def test_a_bad_configuration_changes_nothing(self):
        sites = [site("one", 1, "a", self.place.site)]
        path = self.configure([pool("a")], sites)
        server = self.serve("--config", path).listening()
        old = server.pid_of_answer()
        path.write_text("<configuration>")
        self.assertIn("error: ", server.osmia("reload", status=1).stderr)
        self.assertEqual(server.pid_of_answer(), old)
        # A supervisor that is started again goes on with the accepted one.
        os.kill(server.json("status")["supervisorPid"], signal.SIGKILL)
        server.wait_line("the supervisor died")
        self.assertEqual(server.pid_of_answer(), old)
        self.assertEqual(len(server.json("list", "pools")), 1)

    def test_an_edit_counts_without_a_command_and_a_burst_once(self):
        sites = [site("one", 1, "a", self.place.site), site("two", 2, "b", self.place.site, "127.0.0.1:0:two")]
        path = self.configure([pool("a"), pool("b")], sites)
        server = self.serve("--config", path, watch=True).listening()
        old = server.pid_of_answer()
        for length in range(20, 30):
            self.configure([pool("a", f'queueLength="{length}"'), pool("b")], sites)
        server.wait_line("pool a: changed, recycled")
        wait_for(lambda: server.pid_of_answer() != old, "the pool has a new worker")
        self.assertEqual(server.text().count("was edited"), 1)
        self.assertNotIn("pool b", server.text())

    def test_a_broken_edit_is_told_and_the_old_configuration_goes_on(self):
        sites = [site("one", 1, "a", self.place.site)]
        path = self.configure([pool("a")], sites)
        server = self.serve("--config", path, watch=True).listening()
        old = server.pid_of_answer()
        self.assertNotIn("warning", server.osmia("list", "pools").stderr)
        good = path.read_text()
        broken = path.with_suffix(".new")
        broken.write_text(good.replace('name="a"', 'nam="a"', 1))
        broken.rename(path)
        server.wait_line("the last accepted one stays in force")
        self.assertIn("has no attribute 'nam'", server.text())
        self.assertEqual(server.pid_of_answer(), old)
        self.assertIn("warning: ", server.osmia("list", "pools").stderr)
        self.assertIn("has no attribute 'nam'", server.osmia("status").stderr)
        server.osmia("reload", status=1)
        path.write_text(good)
        server.osmia("reload")
        self.assertNotIn("warning", server.osmia("list", "pools").stderr)
        self.assertEqual(server.pid_of_answer(), old)

    def test_bindings_come_and_go(self):
        path = self.configure([pool("a")], [site("one", 1, "a", self.place.site, "127.0.0.1:0:")])
        server = self.serve("--config", path).listening()
        self.assertEqual(server.get()[0], 200)
        path = self.configure([pool("a")], [site("one", 1, "a", self.place.site, "127.0.0.2:0:")])
        server.osmia("reload")
        self.assertRegex(server.json("list", "sites")[0]["bindings"][0], r"http://127\.0\.0\.2:\d+/")
        with self.assertRaises(OSError):
            for _ in range(100):  # the listener closes its copy a moment later
                server.get(timeout=1)
                time.sleep(0.02)

    def test_the_hangup_signal_reloads(self):
        path = self.configure([pool("a")], [site("one", 1, "a", self.place.site)])
        server = self.serve("--config", path).listening()
        self.configure([pool("a"), pool("b")], [site("one", 1, "a", self.place.site)])
        server.process.send_signal(signal.SIGHUP)
        server.wait_line("pool b: added")


class Deaths(Supervision):
    def test_killed_workers_are_replaced_and_no_request_fails(self):
        server = self.serve().listening()
        server.pid_of_answer()
        before = count_descriptors(server.json("status")["supervisorPid"])
        for _ in range(30):
            os.kill(server.workers()[0]["pid"], signal.SIGKILL)
            self.assertEqual(server.get()[0], 200)
            wait_for(lambda: server.workers(), "a worker")
        self.assertEqual(server.json("list", "pools")[0]["state"], "started", "deaths from outside never stop a pool")
        self.assertEqual(sum("died: SIGKILL" in line for line in server.output), 30, server.text())
        wait_for(lambda: count_descriptors(server.json("status")["supervisorPid"]) <= before + 1, "no descriptor is left behind")

    def test_a_pool_whose_workers_fail_again_and_again_is_stopped(self):
        server = self.serve().listening()
        for _ in range(20):
            if server.json("list", "pools")[0]["state"] == "failed":
                break
            server.get("/crash")
        server.wait_line("pool DefaultAppPool is stopped: 5 failures within 300 s")
        self.assertEqual(server.get()[0], 503)
        self.assertEqual(server.json("list", "pools")[0]["state"], "failed")
        server.osmia("start", "pool", "DefaultAppPool")
        self.assertEqual(server.get()[0], 200)

    def test_a_worker_that_cannot_start_says_why(self):
        path = self.configure([pool("a", "", '<environmentVariables><add name="FAKE_START" value="fail"/></environmentVariables>')],
                              [site("s", 1, "a", self.place.site)])
        server = self.serve("--config", path).listening()
        self.assertEqual(server.get()[0], 503)
        server.wait_line("it cannot start: told to fail")
        self.assertEqual(server.json("list", "pools")[0]["state"], "failed")

    def one_pool(self, how, inner="", attributes=""):
        variables = f'<environmentVariables><add name="FAKE_START" value="{how}"/></environmentVariables>'
        return self.serve("--config", self.configure([pool("a", attributes, inner + variables)], [site("s", 1, "a", self.place.site)])).listening()

    def test_a_worker_that_never_gets_ready_is_ended(self):
        server = self.one_pool("wait", '<processModel startupTimeLimit="00:00:01"/>')
        server.get_behind("/")
        server.wait_line(r"worker \d+ of pool a was ended: not ready within 1 s")

    def test_a_worker_that_answers_no_ping_is_replaced(self):
        server = self.one_pool("deaf", '<processModel pingInterval="00:00:01" pingResponseTime="00:00:01"/>')
        worker = server.pid_of_answer()
        server.wait_line(rf"worker {worker} of pool a was ended: no answer to a ping for 1 s")
        self.assertNotEqual(server.pid_of_answer(), worker)

    def test_a_worker_that_floods_the_supervisor_is_ended(self):
        server = self.one_pool("flood")
        server.get_behind("/")
        server.wait_line(r"worker \d+ of pool a was ended: it sends too many messages")
        self.assertEqual(server.osmia("status").returncode, 0)

    def test_a_worker_that_does_not_finish_is_killed_at_its_limit(self):
        server = self.one_pool("well", '<processModel shutdownTimeLimit="00:00:01"/>')
        worker = server.pid_of_answer()
        server.get_behind("/hang")
        wait_for(lambda: server.json("list", "requests"), "the request runs")
        server.osmia("stop", "pool", "a")
        server.wait_line(rf"worker {worker} of pool a: not finished within 1 s; killed")
        self.assertFalse(is_running(worker))

    def test_overlap_can_be_forbidden(self):
        server = self.one_pool("well", '<recycling disallowOverlappingRotation="true"/>')
        old = server.pid_of_answer()
        server.osmia("recycle", "pool", "a")
        self.assertFalse(is_running(old), "the old worker ends before the new one starts")
        self.assertNotEqual(server.pid_of_answer(), old)

    def test_a_pool_that_always_runs_starts_by_itself(self):
        server = self.one_pool("well", attributes='startMode="AlwaysRunning"')
        wait_for(lambda: [one["state"] for one in server.workers()] == ["running"], "a worker without a request")

    def test_rotated_logs_are_opened_again(self):
        server = self.serve().listening()
        log = self.place.state / "logs/HTTPERR/httperr1.log"
        server.osmia("stop", "pool", "DefaultAppPool")
        self.assertEqual(server.get()[0], 503)
        wait_for(lambda: log.exists() and "503" in log.read_text(), "the refusal is logged")
        log.rename(log.with_suffix(".1"))
        server.process.send_signal(signal.SIGUSR1)
        # The next line makes the new file; until the signal is through lines go to the old one.
        wait_for(lambda: server.get()[0] == 503 and log.exists() and " 503 " in log.read_text(), "the new log is written")

    def test_a_killed_supervisor_is_replaced_and_nobody_notices(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        status = server.json("status")
        for _ in range(5):
            os.kill(server.json("status")["supervisorPid"], signal.SIGKILL)
            self.assertEqual(server.pid_of_answer(), worker)
        wait_for(lambda: sum("the supervisor died" in line for line in server.output) == 5, "five restarts are told")
        after = server.json("status")
        self.assertEqual((after["pid"], after["listenerPid"]), (status["pid"], status["listenerPid"]))
        self.assertEqual(after["startedAt"], status["startedAt"])
        self.assertEqual([one["pid"] for one in server.workers()], [worker])
        # The adopted worker's death is still noticed, with its cause.
        os.kill(worker, signal.SIGKILL)
        server.wait_line(f"worker {worker} of pool DefaultAppPool died: SIGKILL")
        self.assertEqual(server.get()[0], 200)
        self.assertEqual(server.end(), 0)
        self.assertFalse(is_running(status["listenerPid"]))

    def test_a_death_while_there_is_no_supervisor_is_not_lost(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        os.kill(server.json("status")["supervisorPid"], signal.SIGKILL)
        os.kill(worker, signal.SIGABRT)  # a sanitizer would catch SIGSEGV
        server.wait_line(f"worker {worker} of pool DefaultAppPool died: SIGABRT")
        self.assertEqual(server.get()[0], 200)

    def test_a_stopped_pool_stays_stopped_across_supervisors(self):
        server = self.serve().listening()
        server.osmia("stop", "pool", "DefaultAppPool")
        server.osmia("stop", "site", "Default Web Site")
        os.kill(server.json("status")["supervisorPid"], signal.SIGKILL)
        server.wait_line("the supervisor died")
        self.assertEqual(server.json("list", "pools")[0]["state"], "stopped")
        self.assertEqual(server.json("list", "sites")[0]["state"], "stopped")

    def test_a_killed_listener_is_replaced_and_the_workers_go_on(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        waits = []
        for _ in range(20):
            os.kill(server.json("status")["listenerPid"], signal.SIGKILL)
            start = time.monotonic()
            while True:
                try:
                    self.assertEqual(server.pid_of_answer(), worker)
                    break
                except OSError:  # the old listener's connection
                    pass
            waits.append((time.monotonic() - start) * 1000)
            wait_for(lambda: server.json("status")["listenerPid"] > 0, "a listener")
        self.assertLess(statistics.median(waits), 5000)
        print(f"\nnext answer after a listener's death: median {statistics.median(waits):.1f} ms, worst {max(waits):.1f} ms")

    def test_after_a_killed_guardian_the_next_server_starts_cleanly(self):
        server = self.serve(self.place.site, "--listen", "127.0.0.1:0").listening()
        worker = server.pid_of_answer()
        status = server.json("status")
        server.kill()
        second = self.serve(self.place.site, "--listen", f"127.0.0.1:{server.port}").listening()
        self.assertNotEqual(second.pid_of_answer(), worker)
        for pid in (worker, status["listenerPid"], status["supervisorPid"]):
            self.assertFalse(is_running(pid))

    def test_when_guardian_and_supervisor_are_killed_the_next_server_ends_the_rest(self):
        server = self.serve(self.place.site, "--listen", "127.0.0.1:0").listening()
        worker = server.pid_of_answer()
        status = server.json("status")
        os.kill(status["pid"], signal.SIGSTOP)
        os.kill(status["supervisorPid"], signal.SIGKILL)
        os.kill(status["pid"], signal.SIGKILL)
        server.process.wait()
        second = self.serve(self.place.site, "--listen", f"127.0.0.1:{server.port}").listening()
        self.assertEqual(second.get()[0], 200)
        for pid in (worker, status["listenerPid"]):
            self.assertFalse(is_running(pid))

    def test_a_guardian_that_dies_alone_takes_everything_with_it(self):
        server = self.serve().listening()
        worker = server.pid_of_answer()
        status = server.json("status")
        server.kill()
        for pid in (worker, status["listenerPid"], status["supervisorPid"]):
            wait_for(lambda pid=pid: not is_running(pid), "everything ends")


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Identities(Supervision):
    def uid_of(self, pid):
        return pathlib.Path(f"/proc/{pid}").stat().st_uid

    def test_a_folders_pool_runs_as_its_owner(self):
        os.chown(self.place.site, 54321, 54322)
        server = self.serve().listening()
        worker = server.pid_of_answer()
        self.assertEqual(status_field(worker, "Uid"), ["54321"] * 4)
        self.assertEqual(status_field(worker, "Gid"), ["54322"] * 4)
        self.assertEqual(status_field(worker, "Groups"), [])
        self.assertEqual(status_field(worker, "NoNewPrivs"), ["1"])

    def test_each_pool_and_the_listener_have_identities_of_their_own(self):
        path = self.configure([pool("a"), pool("b")],
                              [site("one", 1, "a", self.place.site, "127.0.0.1:0:one"), site("two", 2, "b", self.place.site, "127.0.0.1:0:two")])
        server = self.serve("--config", path)
        port = int(server.wait_line(r"http://one:(\d+)/").group(1))
        uids = set()
        for host in ("one", "two"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", "/", headers={"Host": host})
            uids.add(self.uid_of(int(connection.getresponse().read().split()[0])))
            connection.close()
        uids.add(int(status_field(server.json("status")["listenerPid"], "Uid")[0]))
        self.assertEqual(len(uids), 3)
        self.assertNotIn(0, uids)
        for config in (self.place.state / "pools").iterdir():
            self.assertEqual(stat.S_IMODE(config.stat().st_mode), 0o400)
            self.assertIn(config.stat().st_uid, uids)

    def test_an_unreachable_folder_is_told_with_the_folder_that_denies(self):
        inner = self.place.folder / "closed" / "site"
        inner.mkdir(parents=True)
        inner.parent.chmod(0o700)
        server = self.serve(inner, "--listen", "127.0.0.1:0")
        self.assertEqual(server.process.wait(PATIENCE), 1)
        server.reader.join(PATIENCE)
        self.assertIn(f"{inner.parent} does not let uid", server.text())

    def test_programs_that_cannot_be_reached_are_staged(self):
        self.place.bin.chmod(0o700)
        server = self.serve().listening()
        worker = server.pid_of_answer()
        self.assertEqual(os.readlink(f"/proc/{worker}/exe"), str(self.place.state / "stage/bin/osmia-worker"))

    def test_an_ordinary_user_runs_everything_with_one_uid(self):
        self.place.folder.chmod(0o777)
        server = self.serve(user=54321).listening()
        worker = server.pid_of_answer()
        status = server.json("status")
        for pid in (worker, status["listenerPid"]):
            self.assertEqual(status_field(pid, "Uid")[0], "54321")
        self.assertEqual(server.osmia("status", user=54321).returncode, 0)
        os.kill(worker, signal.SIGKILL)
        self.assertEqual(server.get()[0], 200)
        self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    unittest.main()
