"""A real `osmia serve`: its programs, a site, a state folder of its own, and proof at the end that nothing is left.

Environment: OSMIA_BIN, the folder with the programs; OSMIA_EXAMPLES, the folder with sdk/examples compiled;
OSMIA_TEST_USER, a uid that serves instead of root, with programs copied to where it reaches them.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from http_client import Connection

BIN = pathlib.Path(os.environ["OSMIA_BIN"])
EXAMPLES = pathlib.Path(os.environ.get("OSMIA_EXAMPLES", BIN.parent / "examples"))
TEST_USER = int(os.environ["OSMIA_TEST_USER"]) if os.geteuid() == 0 and "OSMIA_TEST_USER" in os.environ else None
# Sanitizers keep freed memory for themselves and map as they like.
SANITIZED = any(name in subprocess.run(["ldd", BIN / "osmia-listener"], capture_output=True, text=True, check=True).stdout for name in ("libasan", "libtsan"))
PATIENCE = 20  # seconds for anything that is waited for


def wait_for(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {patience} s: {what}")


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def count_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def anonymous_kilobytes(pid):
    """Private memory that is no file's: what grows when something is left behind."""
    return int(status_field(pid, "RssAnon")[0])


def status_field(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return line.split()[1:]
    return None


def descendants(pid):
    """Every process below \\a pid, from the parent numbers in /proc."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry)] = int(pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
    found, front = set(), {pid}
    while front:
        front = {child for child, parent in parents.items() if parent in front} - found
        found |= front
    return found


class Place:
    """A folder with a site, room for states and, if asked for, the programs; every identity can reach it."""

    def __init__(self, worker=None, copied=False, programs=BIN):
        """Without \\a worker and \\a copied the programs run where they are. \\a worker replaces osmia-worker."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="osmia-test-"))
        self.folder.chmod(0o755)
        self.site = self.folder / "site"
        self.site.mkdir()
        self.state = self.folder / "state"
        self.bin = programs
        if worker is not None or copied or TEST_USER is not None:
            self._copy_programs(worker)
        if TEST_USER is not None:
            self.give_to(TEST_USER)

    def _copy_programs(self, worker):
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for program in ("osmia", "osmia-guardian", "osmia-supervisor", "osmia-listener", "osmia-symbolizer"):
            shutil.copy(BIN / program, self.bin / program)
        shutil.copy(worker or BIN / "osmia-worker", self.bin / "osmia-worker")
        if worker is None:
            shutil.copytree(BIN.parent / "lib", self.folder / "lib", ignore=shutil.ignore_patterns("*.a"))
        else:
            (self.folder / "lib/osmia/modules").mkdir(parents=True)

    def add_example(self, *names, folder=None):
        for name in names:
            shutil.copy(EXAMPLES / f"{name}.so", (folder or self.site) / f"{name}.so")

    def give_to(self, uid):
        """Everything here belongs to \\a uid from now on."""
        for path in [self.folder, *self.folder.rglob("*")]:
            os.lchown(path, uid, uid)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    def __init__(self, place, *arguments, user=None, environment=None, wrapper=()):
        self.place = place
        self.user = user = TEST_USER if user is None else user
        self.output = []
        self.seen = set()
        command = [*map(str, wrapper), str(place.bin / "osmia"), "serve", *map(str, arguments), "--state", str(place.state)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1, errors="replace",
                                        stdin=subprocess.DEVNULL, user=user, group=user, extra_groups=None if user is None else [],
                                        env=environment, cwd="/")
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.output.append(line.rstrip("\n"))

    def text(self):
        return "\n".join(self.output)

    def find_line(self, pattern):
        return next((found for line in list(self.output) if (found := re.search(pattern, line))), None)

    def wait_line(self, pattern):
        def find():
            return self.find_line(pattern) or (self.process.poll() is not None and self._ended_without(pattern))

        try:
            return wait_for(find, "a line")
        except AssertionError as error:
            raise AssertionError(f"{error} like {pattern!r} in:\n{self.text()}") from None

    def _ended_without(self, pattern):
        self.reader.join(PATIENCE)
        if self.find_line(pattern):
            return None
        raise AssertionError(f"serve ended with {self.process.returncode} and without {pattern!r}:\n{self.text()}")

    def listening(self):
        self.port = int(self.wait_line(r"Listening on http://[^/]*:(\d+)/").group(1))
        return self

    def osmia(self, *arguments, status=0, user=None):
        user = self.user if user is None else user
        done = subprocess.run([str(self.place.bin / "osmia"), *arguments, "--state", str(self.place.state)], capture_output=True, text=True,
                              timeout=60, user=user, group=user, extra_groups=None if user is None else [], cwd="/")
        if status is not None and done.returncode != status:
            raise AssertionError(f"osmia {' '.join(arguments)}: exit status {done.returncode}, not {status}\n{done.stdout}{done.stderr}\n{self.text()}")
        return done

    def json(self, *arguments):
        return json.loads(self.osmia(*arguments, "--json").stdout)

    def status(self):
        return self.json("status")

    def workers(self, pool=None):
        return [one for one in self.json("list", "workers") if pool in (None, one["pool"])]

    def connect(self, timeout=PATIENCE):
        return Connection(self.port, timeout=timeout)

    def request(self, target="/", method="GET", headers=(), body=None, timeout=PATIENCE):
        """One request on a connection of its own."""
        with self.connect(timeout) as connection:
            return connection.request(target, method, headers, body)

    def get(self, target="/", **options):
        answer = self.request(target, **options)
        return answer.status, answer.body.decode()

    def get_behind(self, target):
        """A request that nobody waits for and that may fail."""

        def run():
            with contextlib.suppress(OSError, EOFError):
                self.request(target)

        threading.Thread(target=run, daemon=True).start()

    def pid_of_answer(self, target="/"):
        """For the fake worker, which answers its pid."""
        status, body = self.get(target)
        if status != 200:
            raise AssertionError(f"{status}: {body}\n{self.text()}")
        return int(body.split()[0])

    def end(self, number=signal.SIGTERM):
        self.seen |= descendants(self.process.pid)
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return status

    def kill(self):
        """SIGKILL for serve alone; destroy() still looks after what it had started."""
        self.seen |= descendants(self.process.pid)
        self.process.kill()
        self.process.wait()

    def destroy(self):
        """Ends it, whatever happened; says what was left of it and ends that too."""
        self.seen |= descendants(self.process.pid)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        left = self._left_over()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        if left:
            raise AssertionError(f"serve left processes behind: {left}\n{self.text()}")

    def _left_over(self):
        """Processes of this server that do not end; a dying one gets a moment."""
        end = time.monotonic() + PATIENCE
        while (left := {pid for pid in self.seen if is_running(pid)}) and time.monotonic() < end:
            time.sleep(0.02)
        return left


CONFIG = """<configuration>
  <system.applicationHost>
    <applicationPools>{pools}</applicationPools>
    <sites>{sites}</sites>
  </system.applicationHost>
  <location path="" overrideMode="Allow"><system.webServer><handlers accessPolicy="Read, Script, Execute" /></system.webServer></location>
  <system.webServer><security><isapiCgiRestriction notListedIsapisAllowed="true" /></security></system.webServer>
  {more}
</configuration>"""


def pool(name, attributes="", inner=""):
    return f'<add name="{name}" {attributes}>{inner}</add>'


def application(path, pool_name, folder):
    return (f'<application path="{path}" applicationPool="{pool_name}">'
            f'<virtualDirectory path="/" physicalPath="{folder}"/></application>')


def site(name, number, pool_name, folder, binding="127.0.0.1:0:", attributes="", more=""):
    return (f'<site name="{name}" id="{number}" {attributes}><bindings><binding protocol="http" bindingInformation="{binding}"/></bindings>'
            f'{application("/", pool_name, folder)}{more}</site>')


class ServerTest(unittest.TestCase):
    """Gives each test a place and ends the servers that it starts."""

    def make_place(self, **options):
        place = Place(**options)
        self.addCleanup(place.remove)
        return place

    def setUp(self):
        self.place = self.make_place()

    def serve(self, *arguments, place=None, watch=False, **options):
        """\\a watch: an edit of the configuration counts at once; else what `osmia reload` tells would depend on who was first."""
        place = place or self.place
        if "--config" in arguments and not watch:
            arguments = (*arguments, "--no-watch")
        server = Server(place, *(arguments or (place.site, "--listen", "127.0.0.1:0")), **options)
        self.addCleanup(server.destroy)
        return server

    def configure(self, pools, sites, more=""):
        path = self.place.folder / "applicationHost.config"
        path.write_text(CONFIG.format(pools="".join(pools), sites="".join(sites), more=more))
        path.chmod(0o644)
        return path
