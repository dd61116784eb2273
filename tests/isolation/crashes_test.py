"""Extensions that crash, hang or scribble: the other pool's requests all succeed, the listener lives, the worker is replaced."""
import re
import unittest

from load import Load
from osmia_server import ServerTest, application, is_running, pool, site, wait_for

TIME_LIMIT = "00:00:02"
ALIVE = re.compile(rb"alive, pid \d+\n")


class Crashes(ServerTest):
    """Two pools behind one port: /crash.so in pool "victim", /other/ in pool "bystander"."""

    def setUp(self):
        super().setUp()
        self.other = self.place.folder / "other"
        self.other.mkdir()
        self.place.add_example("crash", "hello")
        self.place.add_example("vars", folder=self.other)
        more = (f'<system.osmia><applicationSettings><add path="Default Web Site/" executionTimeout="{TIME_LIMIT}" />'
                '</applicationSettings></system.osmia>')
        path = self.configure([pool("victim"), pool("bystander")],
                              [site("Default Web Site", 1, "victim", self.place.site, more=application("/other", "bystander", self.other))], more)
        self.server = self.serve("--config", path).listening()
        self.worker = self.warm_up()
        self.listener = self.server.status()["listenerPid"]

    def warm_up(self):
        self.assertEqual(self.server.get("/hello.so")[0], 200)
        return self.server.workers("victim")[0]["pid"]

    def crash(self, how, method="GET"):
        """The client's answer, while the other pool's requests go on."""
        with Load(self.server.port, "/other", connections=4, pause_us=1000) as load:
            answer = self.server.request(f"/crash.so?how={how}", method, body=b"" if method == "POST" else None, timeout=60)
            self.assert_replaced()
        load.check(self)
        print(f"\n{how}: {answer.status}; the other pool meanwhile: {load.report['answers']} answers, slowest {load.report['slowestMs']} ms")
        return answer

    def assert_replaced(self):
        self.assertEqual(self.server.get("/hello.so", timeout=60), (200, "Hello, world!\n"), self.server.text())
        wait_for(lambda: not is_running(self.worker), "the worker that crashed is gone")
        wait_for(lambda: [one["state"] for one in self.server.workers("victim")] == ["running"], "one new worker")
        self.assertNotEqual(self.server.workers("victim")[0]["pid"], self.worker)
        self.assertEqual(self.server.status()["listenerPid"], self.listener)

    def assert_found(self, pattern):
        found = self.server.wait_line(pattern)
        print("found by:", found.string)

    def check_death(self, how, cause):
        """Found by the way the process ended. A GET is tried on a second worker, a POST is not."""
        self.assertEqual(self.crash(how, "POST").status, 502)
        self.assert_found(rf"worker {self.worker} of pool victim died: {cause}( in .*)? \(osmia show crash")
        self.assertEqual(self.server.request(f"/crash.so?how={how}").status, 502)
        wait_for(lambda: len(re.findall(rf"pool victim died: {cause}( in .*)? \(osmia show crash", self.server.text(), re.M)) == 3, "two more deaths: a GET is tried twice")

    def test_a_write_through_null_is_found_by_sigsegv(self):
        self.check_death("null", "SIGSEGV")

    def test_a_stack_overflow_is_found_by_sigsegv(self):
        self.check_death("stack", "SIGSEGV")

    def test_an_exit_is_found_by_its_exit_status(self):
        self.check_death("exit", "exit status 3")

    def test_an_exit_past_all_handlers_is_found_by_its_exit_status(self):
        self.check_death("raw_exit", "exit status 4")

    def test_an_abort_is_found_by_sigabrt(self):
        self.check_death("abort", "SIGABRT")

    def test_an_escaped_exception_is_found_by_the_worker_and_costs_only_its_request(self):
        answer = self.server.request("/crash.so?how=throw")
        self.assertEqual(answer.status, 500)
        self.assert_found(rf"victim\[{self.worker}\]: extension .*crash\.so: HttpExtensionProc threw")
        self.assertEqual(self.server.get("/hello.so")[0], 200)
        self.assertEqual([one["pid"] for one in self.server.workers("victim")], [self.worker])

    def test_an_endless_loop_is_found_by_its_execution_timeout(self):
        self.assertEqual(self.crash("loop", "POST").status, 502)
        self.assert_found(r"executionTimeout")

    def test_an_endless_loop_asked_for_by_get_ends_too(self):
        self.assertEqual(self.crash("loop").status, 502)
        self.assert_found(r"executionTimeout")

    def test_scribbling_and_dying_is_found_by_the_death_or_the_channel(self):
        self.assertEqual(self.crash("scribble_die", "POST").status, 502)
        self.assert_found(rf"worker {self.worker} of pool victim (died: SIGABRT|was ended: its channel: .*)")

    def check_scribbler(self, how):
        answer = self.server.request(f"/crash.so?how={how}", timeout=60)
        self.assertIn(answer.status, (200, 502))
        if answer.status == 200:
            self.assertRegex(answer.body, ALIVE)
        with Load(self.server.port, "/other", connections=4, pause_us=1000) as load:
            # The listener looks at the scribbled memory when there is work.
            wait_for(lambda: self.server.request("/hello.so", timeout=60).status and not is_running(self.worker), "the scribbler is found", 60)
            self.assert_replaced()
        load.check(self)
        self.assert_found(rf"worker {self.worker} of pool victim (was ended: (its channel: .*|its channel thread .*)|died: .*)$")

    def test_scribbling_and_living_on_is_found_by_the_channel_or_the_no_op(self):
        self.check_scribbler("scribble_on")

    def test_no_crash_has_an_effect_on_a_client_that_waits_in_the_other_pool(self):
        with self.server.connect() as connection:
            for how in ("null", "abort", "exit"):
                self.server.request(f"/crash.so?how={how}", "POST", body=b"")
                answer = connection.request("/other/vars.so?name=APP_POOL_ID")
                self.assertEqual((answer.status, answer.body), (200, b"APP_POOL_ID=bystander\n"))

    def test_a_pool_that_crashes_again_and_again_is_stopped_and_the_other_is_not(self):
        for _ in range(10):
            self.server.request("/crash.so?how=abort", "POST", body=b"")
        self.server.wait_line("pool victim is stopped: 5 failures")
        self.assertEqual(self.server.request("/hello.so").status, 503)
        self.assertEqual(self.server.get("/other/vars.so?name=APP_POOL_ID"), (200, "APP_POOL_ID=bystander\n"))
        self.server.osmia("start", "pool", "victim")
        self.assertEqual(self.server.get("/hello.so")[0], 200)


if __name__ == "__main__":
    unittest.main()
