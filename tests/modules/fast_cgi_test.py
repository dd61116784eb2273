"""FastCgiModule with php-cgi, php-fpm, and an application that misbehaves on demand."""
import contextlib
import hashlib
import os
import atexit
import tempfile
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from module_test import ModuleTest, has_package
from osmia_server import anonymous_kilobytes, descendants, is_running, wait_for

PHP = "/usr/bin/php-cgi"
FPM = next(iter(sorted(pathlib.Path("/usr/sbin").glob("php-fpm*"))), None)

def reachable(name):
    """A copy for pools: the tree may lie below a folder, such as /root, that they cannot pass."""
    folder = tempfile.mkdtemp(prefix="osmia-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    return shutil.copy(pathlib.Path(__file__).with_name(name), folder)


AGENT = reachable("fast_cgi_agent.py")
PYTHON = "/usr/bin/python3"

PAGES = {
    "hello.php": "<?php header('X-Own: yes'); echo 'hello from ', PHP_SAPI, PHP_EOL;",
    "vars.php": "<?php foreach ($_SERVER as $k => $v) if (is_string($v)) echo \"$k=$v\\n\";",
    "post.php": "<?php $h = hash_init('md5'); $f = fopen('php://input', 'r'); $n = 0; while (!feof($f)) { $d = fread($f, 65536); $n += strlen($d); hash_update($h, $d); }"
                " echo hash_final($h), ' ', $n, PHP_EOL;",
    "status.php": "<?php http_response_code((int) $_GET['s']); echo 'own page';",
    "moved.php": "<?php header('Location: /elsewhere');",
    "pid.php": "<?php echo getmypid();",
    "big.php": "<?php for ($i = 0; $i < 2000; ++$i) echo str_repeat(chr(65 + $i % 26), 10000);",
    "stream.php": "<?php while (ob_get_level()) ob_end_flush(); for ($i = 0; $i < 3; ++$i) { echo \"line $i\\n\"; flush(); }",
}


def application(path, attributes="", inner="", arguments=""):
    return f'<application fullPath="{path}" arguments="{arguments}" {attributes}>{inner}</application>'


def handler(processor, name="h", path="*.php", info="true"):
    return (f'<handlers><add name="{name}" path="{path}" verb="*" modules="FastCgiModule" scriptProcessor="{processor}" resourceType="File" '
            f'requireAccess="Script" allowPathInfo="{info}"/></handlers>')


def agent(name, attributes="", inner=""):
    return application(PYTHON, attributes, inner, f"{AGENT} {name}")


class FastCgiTest(ModuleTest):
    applications = ()
    security = '<requestFiltering><requestLimits maxAllowedContentLength="4294967295"/></requestFiltering>'
    fpm_socket = None

    @classmethod
    def build(cls):
        cls.server_sections = f"<fastCgi>{''.join(cls.applications)}</fastCgi>"
        cls.build_site()

    @classmethod
    def build_agents(cls, *names):
        for name in names:
            cls.folder(name, handler(f"{PYTHON}|{AGENT} {name}"), {"run.php": "x"})

    def worker_pid(self):
        return self.server.workers()[0]["pid"]

    def children(self):
        return {pid for pid in descendants(self.worker_pid()) if is_running(pid)}


@unittest.skipUnless(has_package("php-cgi"), "php-cgi is not installed: tools/setup tests")
class Php(FastCgiTest):
    arguments = "-d post_max_size=4G"
    applications = (application(PHP, 'maxInstances="2"', '<environmentVariables><environmentVariable name="OWN_VARIABLE" value="a value"/></environmentVariables>', arguments),)

    @classmethod
    def build_site(cls):
        cls.folder("php", handler(f"{PHP}|{cls.arguments}"), PAGES)
        cls.folder("other", handler("/usr/bin/nothing"), PAGES)

    def test_a_page(self):
        answer = self.server.request("/php/hello.php")
        self.assertEqual((answer.status, answer.body, answer.header("X-Own")), (200, b"hello from cgi-fcgi\n", "yes"))

    def test_variables(self):
        body = self.server.request("/php/vars.php/path/info?a=b%20c", headers=[("X-Some", "thing"), ("Proxy", "evil"), ("X_Under", "score"), ("Cookie", "a=1")]).body.decode()
        values = dict(line.split("=", 1) for line in body.splitlines() if "=" in line)
        for name, value in {"QUERY_STRING": "a=b%20c", "PATH_INFO": "/path/info", "SCRIPT_NAME": "/php/vars.php", "REQUEST_METHOD": "GET", "HTTP_X_SOME": "thing",
                            "HTTP_COOKIE": "a=1", "REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": str(self.server.port), "DOCUMENT_ROOT": str(self.site_folder),
                            "SCRIPT_FILENAME": str(self.site_folder / "php/vars.php"), "PATH_TRANSLATED": str(self.site_folder / "path/info"),
                            "REQUEST_URI": "/php/vars.php/path/info?a=b%20c", "OWN_VARIABLE": "a value", "HTTPS": "off"}.items():
            self.assertEqual(values.get(name), value, name)
        self.assertNotIn("HTTP_PROXY", values)
        self.assertNotIn("HTTP_X_UNDER", values)
        self.assertFalse([name for name in values if name.startswith("OSMIA_CONTROL")])

    def test_status_and_redirect(self):
        self.assertEqual(self.server.get("/php/status.php?s=404"), (404, "own page"))
        self.assertEqual(self.server.get("/php/status.php?s=503"), (503, "own page"))
        answer = self.server.request("/php/moved.php")
        self.assertEqual((answer.status, answer.header("Location")), (302, "/elsewhere"))

    def test_bodies_of_every_size_arrive(self):
        data = os.urandom(1 << 20)
        with self.server.connect() as connection:
            for size in (0, 1, 65535, 65536, 300_000, 1 << 20):
                answer = connection.request("/php/post.php", "POST", body=data[:size])
                self.assertEqual(answer.body.decode(), f"{hashlib.md5(data[:size]).hexdigest()} {size}\n")

    def test_large_answers(self):
        answer = self.server.request("/php/big.php")
        self.assertEqual(hashlib.md5(answer.body).hexdigest(), hashlib.md5(b"".join(bytes([65 + i % 26]) * 10000 for i in range(2000))).hexdigest())

    def test_head(self):
        answer = self.server.request("/php/hello.php", "HEAD")
        self.assertEqual((answer.status, answer.header("X-Own")), (200, "yes"))

    def test_a_script_that_is_missing(self):
        self.assertEqual(self.status("/php/nothing.php"), "404")

    def test_a_handler_without_its_application(self):
        self.assertEqual(self.status("/other/hello.php"), "500")
        self.assertIn("No &lt;application&gt;", self.server.get("/other/hello.php")[1])

    def test_processes_are_used_again_and_never_more_than_allowed(self):
        threads = [threading.Thread(target=self.server.get, args=("/php/big.php",)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(len(self.children()), 2)
        self.assertEqual(len({self.server.get("/php/pid.php")[1] for _ in range(10)}), 1)

    def test_an_upload_of_a_gigabyte_keeps_memory_flat(self):
        size = (1 << 30) if os.environ.get("OSMIA_SLOW") else (64 << 20)
        block = os.urandom(1 << 20)
        self.server.get("/php/hello.php")
        worker = self.worker_pid()
        before, most = anonymous_kilobytes(worker), 0
        digest = hashlib.md5()
        with self.server.connect(timeout=600) as connection:
            connection.send_head("/php/post.php", "POST", [("Content-Length", str(size)), ("Content-Type", "application/octet-stream")])
            for number in range(size >> 20):
                connection.send(block)
                digest.update(block)
                if number % 16 == 0:
                    most = max(most, anonymous_kilobytes(worker))
            answer = connection.read_answer("POST")
        self.assertEqual(answer.body.decode(), f"{digest.hexdigest()} {size}\n")
        print(f"\nupload of {size >> 20} MiB: worker's private memory {before} KiB before, {most} KiB at most")
        self.assertLess(most - before, 8192)


@unittest.skipUnless(has_package("php-cgi"), "php-cgi is not installed: tools/setup tests")
class Lives(FastCgiTest):
    """The processes' lives: each test has a server of its own."""

    @classmethod
    def build_site(cls):
        cls.folder("php", handler(PHP), PAGES)

    def run_server(self, attributes):
        type(self).applications = (application(PHP, attributes),)
        type(self).setUpClass.__func__(type(self))

    @classmethod
    def setUpClass(cls):
        if cls.applications:
            super().setUpClass()

    def tearDown(self):
        type(self).applications = ()
        self.doClassCleanups()

    def pid(self):
        return int(self.server.get("/php/pid.php")[1])

    def test_they_die_with_the_worker(self):
        self.run_server("")
        php = self.pid()
        os.kill(self.worker_pid(), signal.SIGKILL)
        wait_for(lambda: not is_running(php), "the end of php-cgi")
        self.assertNotEqual(self.pid(), php)

    def test_they_die_with_the_server(self):
        self.run_server("")
        php = self.pid()
        self.server.end()
        wait_for(lambda: not is_running(php), "the end of php-cgi")

    def test_they_inherit_no_descriptor(self):
        self.run_server("")
        pid = self.pid()

        def links_of(folder):
            found = []
            for number in os.listdir(folder):
                with contextlib.suppress(FileNotFoundError):
                    found.append(os.readlink(f"{folder}/{number}"))
            return found

        def settled():  # the connection of the last request is closed a moment later
            found = links_of(f"/proc/{pid}/fd")
            return found if len([link for link in found if link.startswith("socket:")]) == 1 else None

        links = wait_for(settled, "a process with no socket but the one it listens on")
        self.assertFalse([link for link in links if "memfd" in link or "eventfd" in link or "eventpoll" in link], links)

    def test_instance_max_requests(self):
        self.run_server('maxInstances="1" instanceMaxRequests="3"')
        pids = [self.pid() for _ in range(7)]
        self.assertEqual([pids.count(pid) for pid in dict.fromkeys(pids)], [3, 3, 1])

    def test_monitor_changes_to(self):
        watched = self.place_for_file()
        self.run_server(f'maxInstances="1" monitorChangesTo="{watched}"')
        before = self.pid()
        os.utime(watched, (1, 1))
        wait_for(lambda: self.pid() != before, "a new process")

    def place_for_file(self):
        path = pathlib.Path("/tmp") / f"osmia-monitored-{os.getpid()}.ini"
        path.write_text("x")
        path.chmod(0o644)
        self.addCleanup(path.unlink)
        return path

    def test_a_process_killed_between_requests_is_replaced(self):
        self.run_server('maxInstances="1"')
        before = self.pid()
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: not is_running(before), "its end")
        self.assertNotEqual(self.pid(), before)

    def test_tcp(self):
        self.run_server('protocol="Tcp"')
        self.assertEqual(self.server.get("/php/hello.php"), (200, "hello from cgi-fcgi\n"))

    def test_a_program_that_cannot_start(self):
        type(self).applications = (application("/usr/bin/no-such-program"),)
        cls = type(self)
        old = cls.build_site
        cls.build_site = classmethod(lambda c: c.folder("php", handler("/usr/bin/no-such-program"), PAGES))
        try:
            super().setUpClass.__func__(cls)
        finally:
            cls.build_site = old
        self.assertIn("could not be reached: No such file", self.server.get("/php/hello.php")[1])


class Agents(FastCgiTest):
    """An application of the test's own."""
    applications = (
        agent("stderr"), agent("generic", 'stderrMode="ReturnGeneric500"'), agent("ignore", 'stderrMode="IgnoreAndReturn200"'),
        agent("terminate", 'stderrMode="TerminateProcess" maxInstances="1" rapidFailsPerMinute="0"'),
        agent("silent", 'activityTimeout="10" requestTimeout="600" rapidFailsPerMinute="0"'),
        agent("drip", 'activityTimeout="600" requestTimeout="10" rapidFailsPerMinute="0"'),
        agent("idle", 'idleTimeout="10" maxInstances="1"'),
        agent("queue", 'maxInstances="1" queueLength="2"'),
        agent("crash", 'rapidFailsPerMinute="3"'),
        agent("polite", 'maxInstances="1" instanceMaxRequests="1" signalBeforeTerminateSeconds="30"'),
        agent("early"), agent("garbage", 'rapidFailsPerMinute="0"'), agent("badhead", 'rapidFailsPerMinute="0"'), agent("cut", 'rapidFailsPerMinute="0"'),
        agent("echo"),
    )

    @classmethod
    def build_site(cls):
        cls.build_agents("stderr", "generic", "ignore", "terminate", "silent", "drip", "idle", "queue", "crash", "polite", "early", "garbage", "badhead", "cut", "echo")
        cls.marks = cls.place.folder / "marks"
        cls.marks.mkdir()
        cls.marks.chmod(0o777)

    def run_agent(self, name, do, **options):
        return self.server.request(f"/{name}/run.php?{do}", timeout=60, **options)

    def test_stderr_modes(self):
        answer = self.run_agent("stderr", "do=stderr")
        self.assertEqual(answer.status, 500)
        self.assertIn(b"words &lt;on&gt; stderr", answer.body)
        answer = self.run_agent("generic", "do=stderr")
        self.assertEqual(answer.status, 500)
        self.assertNotIn(b"words", answer.body)
        self.assertEqual(self.run_agent("ignore", "do=stderr").body, b"page")
        first = self.run_agent("terminate", "do=pid").body
        self.assertEqual(self.run_agent("terminate", "do=pid").body, first)
        self.assertEqual(self.run_agent("terminate", "do=stderr").status, 500)
        self.assertNotEqual(self.run_agent("terminate", "do=pid").body, first)

    def test_activity_and_request_timeout(self):
        answers = {}
        threads = [threading.Thread(target=lambda name=name, do=do: answers.update({name: self.run_agent(name, do)}))
                   for name, do in (("silent", "do=sleep"), ("drip", "do=drip"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers["silent"].status, 500)
        self.assertIn(b"activityTimeout", answers["silent"].body)
        self.assertEqual(answers["drip"].status, 500)
        self.assertIn(b"requestTimeout", answers["drip"].body)

    def test_idle_timeout(self):
        first = int(self.run_agent("idle", "do=pid").body)
        wait_for(lambda: not is_running(first), "the end of an idle process")
        self.assertNotEqual(int(self.run_agent("idle", "do=pid").body), first)

    def test_the_queue_has_a_length(self):
        mark = self.marks / "go"
        held = []

        def hold():
            with contextlib.suppress(OSError):
                held.append(self.run_agent("queue", f"do=wait&file={mark}").status)

        threads = [threading.Thread(target=hold) for _ in range(3)]
        threads[0].start()
        wait_for(lambda: (self.marks / "go.here").exists(), "the first request in the application")
        for thread in threads[1:]:
            thread.start()
        wait_for(lambda: len([one for one in self.server.json("list", "requests")]) >= 3, "two waiting requests")
        answer = wait_for(lambda: (got := self.run_agent("queue", f"do=wait&file={mark}")) and got.status == 503 and got, "a full queue")
        self.assertIn(b"503.4", answer.body)
        mark.write_text("go")
        for thread in threads:
            thread.join()
        self.assertEqual(held, [200] * 3)

    def test_rapid_fails_take_it_offline(self):
        for _ in range(3):
            self.assertEqual(self.run_agent("crash", "do=crash").status, 500)
        answer = self.run_agent("crash", "do=pid")
        self.assertEqual(answer.status, 503)
        self.assertIn(b"rapidFailsPerMinute", answer.body)

    def test_a_signal_comes_before_the_end(self):
        if os.environ.get("OSMIA_TEST_USER"):
            self.skipTest("a worker of the server's own user may signal nobody")
        mark = self.marks / "term"
        self.run_agent("polite", f"do=pid&term={mark}")
        wait_for(mark.exists, "SIGTERM")

    def test_an_answer_before_the_body_was_read(self):
        with self.server.connect() as connection:
            connection.send_head("/early/run.php?do=pid", "POST", [("Content-Length", "1000000")])
            connection.send(b"x" * 100_000)  # more than the listener reads ahead
            self.assertEqual(connection.read_head().status, 200)
        self.assertEqual(self.run_agent("early", "do=pid").status, 200)

    def test_what_is_no_fastcgi_and_no_response(self):
        self.assertEqual(self.status("/garbage/run.php?do=garbage"), "500")
        self.assertEqual(self.status("/badhead/run.php?do=badhead"), "502.2")
        self.assertEqual(self.status("/badhead/run.php?do=empty"), "502.2")

    def test_an_answer_that_is_cut_does_not_look_whole(self):
        with self.server.connect() as connection, self.assertRaises((EOFError, ConnectionError)):
            connection.send_request("/cut/run.php?do=cut")
            connection.read_answer()

    def test_bytes_go_both_ways_at_once(self):
        data = os.urandom(8 << 20)
        with self.server.connect() as connection:
            sender = threading.Thread(target=connection.send_request, args=("/echo/run.php?do=echo", "POST"), kwargs={"body": data})
            sender.start()
            answer = connection.read_answer()
            sender.join()
        self.assertEqual(hashlib.md5(answer.body).hexdigest(), hashlib.md5(data).hexdigest())


@unittest.skipUnless(has_package("php-fpm") and FPM, "php-fpm is not installed: tools/setup tests")
class Fpm(FastCgiTest):
    """A pool that somebody else runs, behind a unix socket."""

    @classmethod
    def build_site(cls):
        path = cls.place.folder / "fpm.sock"
        cls.applications = (application(f"unix:{path}"),)
        cls.server_sections = cls.server_sections.replace("</fastCgi>", cls.applications[0] + "</fastCgi>")
        cls.folder("php", handler(f"unix:{path}"), PAGES)
        conf = cls.place.folder / "fpm.conf"
        conf.write_text(f"[global]\nerror_log={cls.place.folder}/fpm.log\ndaemonize=no\n[www]\nlisten={path}\nlisten.mode=0666\npm=static\npm.max_children=2\n"
                        + ("user=nobody\ngroup=nogroup\n" if os.geteuid() == 0 else ""))
        fpm = subprocess.Popen([str(FPM), "-y", str(conf), "-R", "-n"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(fpm.wait)
        cls.addClassCleanup(fpm.terminate)
        wait_for(path.exists, "the socket of php-fpm")

    def test_pages_and_bodies(self):
        self.assertEqual(self.server.get("/php/hello.php"), (200, "hello from fpm-fcgi\n"))
        data = os.urandom(1 << 20)
        self.assertEqual(self.server.request("/php/post.php", "POST", body=data).body.decode(), f"{hashlib.md5(data).hexdigest()} {len(data)}\n")
        self.assertEqual(self.server.get("/php/status.php?s=404"), (404, "own page"))

    def test_many_at_once(self):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.server.get("/php/hello.php"))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [(200, "hello from fpm-fcgi\n")] * 20)


class Restriction(FastCgiTest):
    applications = (agent("listed"), agent("other"))
    restriction = f'<isapiCgiRestriction notListedCgisAllowed="false"><add path="{PYTHON} {AGENT} listed" allowed="true"/></isapiCgiRestriction>'

    @classmethod
    def build_site(cls):
        cls.build_agents("listed", "other")

    def test_what_is_not_listed_does_not_run(self):
        self.assertEqual(self.status("/listed/run.php?do=pid"), "200")
        self.assertEqual(self.status("/other/run.php?do=pid"), "404.2")


if __name__ == "__main__":
    unittest.main()
