"""Started by root, each pool has an identity of its own, and an extension that tries cannot reach past it."""
import os
import pathlib
import shutil
import stat
import sys
import unittest

import in_user_namespace
from osmia_server import ServerTest, application, is_running, pool, site, status_field

PROBE = pathlib.Path(os.environ["OSMIA_PROBE"])
REFUSED = ("EACCES", "EPERM")


@unittest.skipUnless(os.geteuid() == 0 and "OSMIA_TEST_USER" not in os.environ, "needs root")
class Identities(ServerTest):
    # Who commands the server; None: who runs the tests.
    USER = None

    def setUp(self):
        super().setUp()
        self.other = self.place.folder / "other"
        self.other.mkdir()
        for folder in (self.place.site, self.other):
            shutil.copy(PROBE, folder / "probe.so")
        path = self.configure([pool("a"), pool("b")], [site("s", 1, "a", self.place.site, more=application("/other", "b", self.other))])
        self.server = self.serve("--config", path, wrapper=self.wrapper()).listening()
        self.server.user = self.USER
        self.uids = {name: self.probe(prefix, "uid").split()[0] for name, prefix in (("a", ""), ("b", "/other"))}
        self.pids = {name: self.server.workers(name)[0]["pid"] for name in ("a", "b")}

    def wrapper(self):
        """A command before `osmia serve`."""
        return ()

    def outside(self, uid):
        """How this test sees what the server knows as \a uid."""
        return uid

    def probe(self, prefix, what, **arguments):
        query = "".join(f"&{name}={value}" for name, value in arguments.items())
        status, body = self.server.get(f"{prefix}/probe.so?do={what}{query}")
        self.assertEqual(status, 200, body)
        return body

    def test_each_worker_runs_under_its_pools_uid(self):
        self.assertEqual(len(set(self.uids.values())), 2)
        for name, uid in self.uids.items():
            self.assertNotEqual(uid, "0")
            self.assertEqual(status_field(self.pids[name], "Uid"), [self.outside(uid)] * 4)
            self.assertEqual(status_field(self.pids[name], "CapEff"), ["0" * 16])
            self.assertEqual(status_field(self.pids[name], "CapPrm"), ["0" * 16])
            self.assertEqual(status_field(self.pids[name], "NoNewPrivs"), ["1"])

    def test_a_pool_reads_its_own_configuration_and_not_the_others(self):
        seen = {}
        for config in (self.place.state / "pools").glob("*.config"):
            self.assertEqual(stat.S_IMODE(config.stat().st_mode), 0o400)
            seen[str(config.stat().st_uid)] = config
        uids = {name: self.outside(uid) for name, uid in self.uids.items()}
        self.assertEqual(set(seen), set(uids.values()))
        self.assertEqual(self.probe("", "read", path=seen[uids["a"]]), "ok")
        self.assertIn(self.probe("", "read", path=seen[uids["b"]]), REFUSED)
        self.assertIn(self.probe("/other", "read", path=seen[uids["a"]]), REFUSED)

    def test_a_worker_cannot_touch_the_servers_processes_or_another_pools(self):
        status = self.server.status()
        targets = {name: status[name] for name in ("pid", "supervisorPid", "listenerPid")} | {"worker of b": self.pids["b"]}
        for name, pid in targets.items():
            for what in ("kill", "trace", "open_memory"):
                self.assertIn(self.probe("", what, pid=pid), REFUSED, f"{what} of {name}")
            self.assertTrue(is_running(pid))

    def test_a_worker_may_not_command_the_server(self):
        self.assertIn(self.probe("", "read", path=self.place.state / "control.sock"), (*REFUSED, "ENXIO"))
        for name in ("tmp", "running", "crashes"):
            folder = self.place.state / name
            if folder.exists():
                self.assertEqual(folder.stat().st_mode & 0o002, 0, f"{folder} is writable by everybody")

    def test_the_listener_has_an_identity_of_its_own(self):
        uid = status_field(self.server.status()["listenerPid"], "Uid")
        self.assertEqual(len(set(uid)), 1)
        self.assertNotIn(uid[0], {"0", *map(self.outside, self.uids.values())})


class IdentitiesOfAnOrdinaryUser(Identities):
    """The same for an ordinary user's server in a user namespace, as unshare(1) makes it."""
    USER = 54321

    def make_place(self, **options):
        return super().make_place(copied=True, **options)

    def wrapper(self):
        self.place.give_to(self.USER)
        return (sys.executable, in_user_namespace.__file__, self.USER)

    def outside(self, uid):
        return str(in_user_namespace.FIRST_SUBORDINATE + int(uid) - 1)


if __name__ == "__main__":
    unittest.main()
