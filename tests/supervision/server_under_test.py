"""A real `osmia serve` with its guardian, supervisor and listener, and the fake worker of tests/support."""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

BIN = pathlib.Path(os.environ["OSMIA_BIN"])
FAKE_WORKER = pathlib.Path(os.environ["OSMIA_FAKE_WORKER"])
PATIENCE = 20  # seconds for anything that is waited for


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def count_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Place:
    """A folder with the programs, a site and room for states; every identity can reach it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="osmia-supervision-"))
        self.folder.chmod(0o755)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name in ("osmia", "osmia-guardian", "osmia-supervisor", "osmia-listener"):
            shutil.copy(BIN / name, self.bin / name)
        shutil.copy(FAKE_WORKER, self.bin / "osmia-worker")
        (self.folder / "lib/osmia/modules").mkdir(parents=True)
        self.site = self.folder / "site"
        self.site.mkdir()
        self.state = self.folder / "state"

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    def __init__(self, place, *arguments, user=None, environment=None):
        self.place = place
        self.output = []
        self.ports = {}
        command = [str(place.bin / "osmia"), "serve", *map(str, arguments), "--state", str(place.state)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
                                        stdin=subprocess.DEVNULL, user=user, env=environment)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.output.append(line.rstrip("\n"))

    def text(self):
        return "\n".join(self.output)

    def wait_line(self, pattern):
        def find():
            for line in list(self.output):
                found = re.search(pattern, line)
                if found:
                    return found
            return self.process.poll() is not None and self.fail(pattern)

        return wait_for(find, f"a line like {pattern!r} in:\n{self.text()}")

    def fail(self, pattern):
        self.reader.join(PATIENCE)
        if re.search(pattern, self.text()):
            return None
        raise AssertionError(f"serve ended with {self.process.returncode} and without {pattern!r}:\n{self.text()}")

    def listening(self):
        self.port = int(self.wait_line(r"Listening on http://127\.0\.0\.1:(\d+)/").group(1))
        return self

    def osmia(self, *arguments, status=0, user=None):
        done = subprocess.run([str(self.place.bin / "osmia"), *arguments, "--state", str(self.place.state)], capture_output=True, text=True,
                              timeout=60, user=user, extra_groups=[] if user else None)
        if status is not None and done.returncode != status:
            raise AssertionError(f"osmia {' '.join(arguments)}: exit status {done.returncode}, not {status}\n{done.stdout}{done.stderr}\n{self.text()}")
        return done

    def json(self, *arguments):
        return json.loads(self.osmia(*arguments, "--json").stdout)

    def workers(self):
        return self.json("list", "workers")

    def get(self, path="/", port=None, timeout=PATIENCE):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def get_behind(self, path):
        """A request that nobody waits for and that may fail."""

        def run():
            try:
                self.get(path)
            except (OSError, http.client.HTTPException):
                pass

        threading.Thread(target=run, daemon=True).start()

    def pid_of_answer(self, path="/", port=None):
        status, body = self.get(path, port)
        if status != 200:
            raise AssertionError(f"{status}: {body}\n{self.text()}")
        return int(body.split()[0])

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return status

    def destroy(self):
        """Whatever happened, nothing is left."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        running = self.place.state / "running"
        for record in running.iterdir() if running.exists() else []:
            try:
                os.kill(int(record.name), signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass


if __name__ == "__main__":
    sys.exit("imported by the tests beside it")
