"""What each process has mapped: the listener and the supervisor never hold foreign code, a worker only what is configured."""
import os
import pathlib
import re
import signal
import subprocess
import unittest

from osmia_server import ServerTest, pool, site, wait_for

KERNELS_OWN = {"[vdso]", "[vsyscall]"}


def executable_mappings(pid):
    found = set()
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        fields = line.split(None, 5)
        if "x" in fields[1]:
            found.add(fields[5] if len(fields) > 5 else "anonymous")
    return found


def linked_files(program):
    """The program and what the loader gives it."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return {os.path.realpath(program)} | {os.path.realpath(path) for path in re.findall(r"(/\S+) \(0x", listed)}


def program_of(pid):
    return os.readlink(f"/proc/{pid}/exe")


class Mappings(ServerTest):
    def check(self, pid):
        program = program_of(pid)
        mapped = {path if path.startswith("[") else os.path.realpath(path) for path in executable_mappings(pid)}
        self.assertLessEqual(mapped, linked_files(program) | KERNELS_OWN, f"{program} has more mapped than it was linked with")
        writable = [line for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines() if "wx" in line.split()[1]]
        self.assertEqual(writable, [], "memory that is writable and executable")

    def exercise(self, server):
        """Traffic, errors, commands, a reload, a crash and a recycle: whatever could load something late."""
        for target in ("/hello.so", "/page.html", "/", "/nothing", "/vars.so", "/raw_output.so?how=chunked_bad", "/crash.so?how=null",
                       "/page.html/too/long", "/%00", "/md5_post.so"):
            server.request(target)
        server.request("/md5_post.so", "POST", body=b"x" * 300_000)
        with server.connect() as connection:
            connection.send(b"no request at all\r\n\r\n")
            connection.read_to_end()
        for noun in ("sites", "apps", "vdirs", "pools", "workers", "requests", "modules", "extensions"):
            server.osmia("list", noun)
        server.osmia("status")
        server.osmia("reload")
        server.osmia("recycle", "pool", "DefaultAppPool")
        server.process.send_signal(signal.SIGUSR1)
        server.osmia("stop", "site", server.json("list", "sites")[0]["name"])
        server.osmia("start", "site", server.json("list", "sites")[0]["name"])
        self.assertEqual(server.get("/hello.so")[0], 200)

    def setUp(self):
        super().setUp()
        self.place.add_example("hello", "vars", "raw_output", "crash", "md5_post")
        (self.place.site / "page.html").write_text("a page")

    def test_listener_and_supervisor_map_only_what_they_were_linked_with(self):
        server = self.serve().listening()
        self.exercise(server)
        status = server.status()
        for pid in (status["listenerPid"], status["supervisorPid"], status["pid"]):
            self.check(pid)
        self.assertEqual({os.path.basename(program_of(status[name])) for name in ("listenerPid", "supervisorPid", "pid")},
                         {"osmia-listener", "osmia-supervisor", "osmia-guardian"})

    def test_successors_of_killed_processes_hold_to_it_too(self):
        server = self.serve().listening()
        server.get("/hello.so")
        before = server.status()
        os.kill(before["supervisorPid"], signal.SIGKILL)
        wait_for(lambda: server.osmia("status", status=None).returncode == 0, "a new supervisor")
        os.kill(before["listenerPid"], signal.SIGKILL)
        wait_for(lambda: server.status()["listenerPid"] not in (0, before["listenerPid"]), "a new listener")
        self.assertEqual(server.get("/hello.so")[0], 200)
        after = server.status()
        for pid in (after["listenerPid"], after["supervisorPid"]):
            self.check(pid)

    def worker_files(self, server):
        self.assertEqual(server.get("/page.html")[0], 200)
        return {os.path.basename(path) for path in executable_mappings(server.workers()[0]["pid"])}

    def test_a_worker_maps_the_modules_that_are_configured(self):
        files = self.worker_files(self.serve().listening())
        self.assertLessEqual({"osmia-worker", "isapi.so", "static_file.so", "default_document.so"}, files)
        self.assertNotIn("hello.so", " ".join(files))  # not before a request needs it

    def test_a_worker_does_not_map_a_module_that_is_not_configured(self):
        only_files = """<system.webServer>
          <globalModules><add name="StaticFileModule" image="static_file.so" />
            <add name="AnonymousAuthenticationModule" image="anonymous_authentication.so" /></globalModules>
          <modules><add name="StaticFileModule" /><add name="AnonymousAuthenticationModule" /></modules>
          <handlers><add name="StaticFile" path="*" verb="*" modules="StaticFileModule" resourceType="Either" requireAccess="Read" /></handlers>
          <staticContent><mimeMap fileExtension=".html" mimeType="text/html" /></staticContent>
        </system.webServer>"""
        path = self.place.folder / "applicationHost.config"
        path.write_text(f"""<configuration><system.applicationHost><applicationPools>{pool("a")}</applicationPools>
            <sites>{site("s", 1, "a", self.place.site)}</sites></system.applicationHost>{only_files}</configuration>""")
        files = self.worker_files(self.serve("--config", path).listening())
        self.assertIn("static_file.so", files)
        self.assertFalse({"isapi.so", "default_document.so", "request_filtering.so"} & files, files)


if __name__ == "__main__":
    unittest.main()
