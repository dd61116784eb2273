"""What an extension cannot do whatever uid it has: reach other processes of the server, or attack the kernel's control surfaces."""
import os
import pathlib
import shutil
import unittest

from osmia_server import SANITIZED, ServerTest, application, is_running, pool, site

PROBE = pathlib.Path(os.environ["OSMIA_PROBE"])


@unittest.skipIf(SANITIZED, "a sanitizer traces its own process, so its workers are not confined")
class Confinement(ServerTest):
    def wrapper(self):
        """A command before `osmia serve`."""
        return ()

    def setUp(self):
        super().setUp()
        shutil.copy(PROBE, self.place.site / "probe.so")
        path = self.configure([pool("a"), pool("b")], [site("s", 1, "a", self.place.site, more=application("/other", "b", self.place.site))])
        self.server = self.serve("--config", path, wrapper=self.wrapper()).listening()
        self.assertEqual(self.probe("uid", "/other")[0].isdigit(), True)

    def probe(self, what, prefix="", pid=0):
        status, body = self.server.get(f"{prefix}/probe.so?do={what}&pid={pid}")
        self.assertEqual(status, 200, body)
        return body

    def other_processes(self):
        status = self.server.status()
        return {name: status[name] for name in ("pid", "supervisorPid", "listenerPid")} | {"worker of b": self.server.workers("b")[0]["pid"]}

    def test_signals_reach_only_the_worker_itself(self):
        for name, pid in self.other_processes().items():
            for what in ("signal", "queue", "kill"):
                self.assertEqual(self.probe(what, pid=pid), "EPERM", f"{what} of {name}")
            self.assertTrue(is_running(pid))
        self.assertEqual(self.probe("raise"), "ok")
        self.assertEqual(self.probe("run"), "ok")

    def test_no_other_process_is_traced_or_read(self):
        for name, pid in self.other_processes().items():
            for what in ("trace", "read_memory"):
                self.assertEqual(self.probe(what, pid=pid), "EPERM", f"{what} of {name}")

    def test_the_kernels_control_surfaces_are_shut(self):
        self.assertEqual(self.probe("namespace"), "EPERM")
        self.assertEqual(self.probe("mount"), "EPERM")
        self.assertEqual(self.probe("io_uring"), "ENOSYS")


class ConfinementOnAnOlderKernel(Confinement):
    """The same where the kernel has no landlock: a filter confines the signals if the uid is shared, else the uids do."""

    def wrapper(self):
        return (shutil.copy(os.environ["OSMIA_REFUSE_CALLS"], self.place.folder),)


if __name__ == "__main__":
    unittest.main()
