"""Load in the background: tests/support/load_generator around a block of a test."""
import json
import os
import subprocess

GENERATOR = os.environ.get("OSMIA_LOAD_GENERATOR")
ECHO = "/vars.so?name=QUERY_STRING&n="  # sdk/examples/vars.cpp answers its own query string


class Load:
    """GETs to \\a port whose answers are checked byte by byte, from entering the block until leaving it."""

    def __init__(self, port, prefix="", connections=32, lossy=False, pause_us=0):
        target = prefix + ECHO
        command = [GENERATOR, str(port), target, str(connections), "--body", "QUERY_STRING=" + target.partition("?")[2]]
        self.command = command + (["--lossy"] if lossy else []) + (["--pause", str(pause_us)] if pause_us else [])
        self.report = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        try:
            text, _ = self.process.communicate(timeout=90)
            self.report = json.loads(text)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise

    def check(self, test):
        """No request failed, and there were some."""
        test.assertEqual(self.report["failures"], 0, self.report["told"])
        test.assertGreater(self.report["answers"], 0)
