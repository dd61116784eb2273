"""A real `osmia serve`, as a user starts it. Everything that is started is ended by its own pid."""
import http.client
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

PATIENCE = 60  # seconds for anything that is waited for


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


class TemporaryFolder:
    """A folder that every identity can pass through; removed at the end."""

    def __init__(self, prefix):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
        self.path.chmod(0o755)

    def folder(self, name):
        made = self.path / name
        made.mkdir(parents=True, exist_ok=True)
        return made

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class RunningServer:
    """`osmia serve ARGUMENTS` with a state folder of its own. before: words that start the program, such as unshare."""

    def __init__(self, osmia, arguments, state, before=(), environment=None):
        self.osmia_program, self.state = str(osmia), str(state)
        self.output = []
        self.environment = {"PATH": "/usr/bin:/bin", **(environment or {})}
        command = [*map(str, before), self.osmia_program, "serve", *map(str, arguments), "--state", self.state]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        bufsize=1, cwd="/", env=self.environment)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            self.port = wait_for(self._find_port, "the line that says where it listens")
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}\n{self.text()}") from None

    def _read(self):
        for line in self.process.stdout:
            self.output.append(line)

    def _find_port(self):
        found = re.search(r"Listening on http://127\.0\.0\.1:(\d+)", self.text())
        if not found and self.process.poll() is not None:
            raise AssertionError(f"osmia serve ended with status {self.process.returncode}")
        return found and int(found[1])

    def text(self):
        return "".join(self.output)

    def request(self, method, path, body=None, headers=None):
        """(status, headers, body as text) of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def osmia(self, *arguments):
        done = subprocess.run([self.osmia_program, *arguments, "--state", self.state], capture_output=True, text=True, timeout=PATIENCE,
                              cwd="/", env=self.environment)
        if done.returncode != 0:
            raise AssertionError(f"osmia {arguments}: status {done.returncode}\n{done.stdout}{done.stderr}\n{self.text()}")
        return done.stdout

    def workers(self):
        return json.loads(self.osmia("list", "workers", "--json"))

    def stop(self):
        """Drains; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.kill()

    def kill(self):
        """The second signal ends everything at once."""
        for attempt in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(attempt)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        self.reader.join(5)
        self.process.stdout.close()


def is_root():
    return os.geteuid() == 0
