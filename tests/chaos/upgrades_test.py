"""osmia upgrade: other programs, also with another wire version, take over under load; a bad one leaves the old ones running."""
import os
import pathlib
import shutil
import signal
import unittest

from load import Load
from osmia_server import BIN, ServerTest, is_running, pool, site, wait_for

UPGRADES = 20 if os.environ.get("OSMIA_SLOW") == "1" else 5
CONNECTIONS = 32
OTHER_VERSION = pathlib.Path(os.environ["OSMIA_OTHER_VERSION"])


def program_of(pid):
    """The program that a process runs; None when it has ended in between."""
    try:
        return pathlib.Path(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return None


def come_from(folder, pids):
    return all(program is not None and program.parent == folder.resolve() for program in map(program_of, pids))


class Upgrades(ServerTest):
    # Where a process's program comes from is what is looked at, so nothing may need staging.
    def make_place(self, **options):
        return super().make_place(copied=True, **options)

    def setUp(self):
        super().setUp()
        self.place.add_example("vars", "hello", "slow_stream")
        self.sites = [site("s", 1, "a", self.place.site), site("t", 2, "b", self.place.site, "127.0.0.1:0:t")]
        self.server = self.serve("--config", self.configure([pool("a"), pool("b")], self.sites)).listening()
        self.assertEqual(self.server.get("/hello.so")[0], 200)

    def make_programs(self, name, source):
        """A folder of programs that every identity can reach, as a build tree lays them out."""
        folder = self.place.folder / name
        (folder / "bin").mkdir(parents=True)
        for program in ("osmia-supervisor", "osmia-listener", "osmia-worker"):
            shutil.copy(source / program, folder / "bin" / program)
        shutil.copy(BIN / "osmia-symbolizer", folder / "bin")
        (folder / "lib").symlink_to(BIN.parent / "lib" if self.place.bin == BIN else self.place.bin.parent / "lib")
        return folder / "bin"

    def pids(self):
        status = self.server.status()
        return status["supervisorPid"], status["listenerPid"], *(one["pid"] for one in self.server.workers() if one["state"] == "running")

    def check_load(self, load, what):
        print(f"\n{what}: {load.report}")
        load.check(self)
        self.assertNotIn("died", self.server.text())

    def upgrade_under_load(self, folders, what):
        old = set()
        with Load(self.server.port, connections=CONNECTIONS) as load:
            for number in range(UPGRADES):
                folder = folders[number % len(folders)]
                old |= set(self.pids())
                self.assertIn("runs from", self.server.osmia("upgrade", "--bin", str(folder)).stdout)
                pids = self.pids()
                self.assertTrue(come_from(folder, pids[:1]))
                self.assertFalse(old & set(pids), "every process is a new one")
        self.check_load(load, f"{UPGRADES} upgrades {what}")
        wait_for(lambda: not any(is_running(pid) for pid in old), "the old processes end", 60)
        self.assertEqual(self.server.end(), 0)

    def test_no_request_fails_while_programs_of_the_same_version_take_over(self):
        self.upgrade_under_load([self.make_programs("next", BIN), self.make_programs("other", BIN)], "of one version")

    def test_no_request_fails_while_programs_of_another_wire_version_take_over(self):
        self.upgrade_under_load([self.make_programs("next", OTHER_VERSION), self.make_programs("other", BIN)], "between wire versions")

    def test_a_stopped_pool_stays_stopped_and_answers_that_have_begun_are_finished(self):
        self.server.osmia("stop", "pool", "b")
        with self.server.connect() as streaming:
            streaming.send_request("/slow_stream.so?lines=20&ms=50")
            streaming.read_until(b"line 1\n")
            self.server.osmia("upgrade", "--bin", str(self.make_programs("next", OTHER_VERSION)))
            self.assertEqual(self.server.get("/hello.so")[0], 200)
            streaming.read_until(b"line 20\n")
        self.assertEqual({one["name"]: one["state"] for one in self.server.json("list", "pools")}, {"a": "started", "b": "stopped"})

    def test_programs_that_cannot_be_run_change_nothing(self):
        before = self.pids()
        for program, script in (("osmia-worker", "exit 1"), ("osmia-listener", "echo something else"), ("osmia-supervisor", "kill -SEGV $$")):
            folder = self.make_programs(f"bad-{program}", BIN)
            (folder / program).write_text(f"#!/bin/sh\n{script}\n")
            told = self.server.osmia("upgrade", "--bin", str(folder), status=1).stderr
            self.assertIn(f"{program} --version", told)
            self.assertIn("nothing has changed", told)
        self.assertIn("no osmia-supervisor", self.server.osmia("upgrade", "--bin", "/nonexistent", status=1).stderr)
        self.assertEqual(self.pids(), before)

    def bad_start(self, name, program, source=BIN):
        """Says its version and then cannot start."""
        folder = self.make_programs(name, source)
        (folder / program).rename(folder / "real")
        (folder / program).write_text(f'#!/bin/sh\ntest "$1" = --version && exec {folder}/real --version\nexit 3\n')
        (folder / program).chmod(0o755)
        return folder

    def test_programs_that_fail_on_trial_make_room_for_the_old_ones(self):
        with Load(self.server.port, connections=CONNECTIONS) as load:
            for program in ("osmia-supervisor", "osmia-listener", "osmia-worker"):
                for source in (BIN, OTHER_VERSION):
                    folder = self.bad_start(f"bad-{program}-{source.parent.name}", program, source)
                    told = self.server.osmia("upgrade", "--bin", str(folder), status=1).stderr
                    self.assertIn("the programs before go on", told)
                    wait_for(lambda: come_from(self.place.bin, self.pids()), "the old programs run")
        print(f"\n6 upgrades taken back: {load.report}")
        load.check(self)

    def test_a_new_supervisor_that_is_killed_on_trial_makes_room_for_the_old_one(self):
        folder = self.bad_start("slow", "osmia-worker")
        (folder / "osmia-worker").write_text(f'#!/bin/sh\ntest "$1" = --version && exec {folder}/real --version\nexec sleep 60\n')
        old = self.pids()[0]
        self.server.osmia("upgrade", "--no-wait", "--bin", str(folder))
        new = wait_for(lambda: next((pid for pid in [self.server.status()["supervisorPid"]] if pid != old), None), "the new supervisor")
        self.assertEqual(program_of(new), folder.resolve() / "osmia-supervisor")
        os.kill(new, signal.SIGKILL)
        wait_for(lambda: come_from(self.place.bin, self.pids()[:1]), "the old program")
        self.assertEqual(self.server.get("/hello.so")[0], 200)


if __name__ == "__main__":
    unittest.main()
