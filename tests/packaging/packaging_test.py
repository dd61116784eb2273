"""`cmake --install` to a temporary prefix, and the installed programs at work with source and build tree out of sight."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

from osmia_server import PATIENCE, Place, ServerTest

SOURCE = os.environ["OSMIA_SOURCE"]
BUILD = os.environ["OSMIA_BUILD"]
CMAKE = os.environ["OSMIA_CMAKE"]
HIDES_PATHS = os.environ["OSMIA_BUILD_TYPE"] != "Debug"


PLAIN = {"PATH": "/usr/bin:/bin"}


def is_root():
    return os.geteuid() == 0


def can_hide():
    if not is_root():
        return False
    return subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


# In a mount namespace of its own, where the source and the build tree are empty folders.
HIDDEN = ["unshare", "-m", "sh", "-c", f"mount -t tmpfs none '{SOURCE}' && {{ [ ! -d '{BUILD}' ] || mount -t tmpfs none '{BUILD}'; }} && exec \"$@\"",
          "sh"] if can_hide() else []


def install(prefix, destination=None):
    environment = {**os.environ, "DESTDIR": str(destination)} if destination else None
    subprocess.run([CMAKE, "--install", BUILD, "--prefix", str(prefix)], check=True, stdout=subprocess.DEVNULL, env=environment)


class Installed(ServerTest):
    """One installation for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.installation = Place()
        cls.addClassCleanup(cls.installation.remove)
        cls.prefix = cls.installation.folder / "prefix"
        install(cls.prefix)
        cls.osmia = cls.prefix / "bin/osmia"

    def setUp(self):
        self.place = self.make_place(programs=self.prefix / "bin")

    def serve_hidden(self, *arguments, environment=None):
        return self.serve(*arguments, wrapper=HIDDEN, environment={**PLAIN, **(environment or {})}).listening()

    def compile_hello(self, folder):
        """Compiled by the installed osmia-cc from the installed example."""
        output = folder / "hello.so"
        example = self.prefix / "share/doc/osmia/examples/hello.cpp"
        subprocess.run([*HIDDEN, str(self.prefix / "bin/osmia-cc"), "-o", str(output), str(example)], check=True, cwd="/",
                       env=PLAIN, timeout=PATIENCE)
        return output

    def test_everything_is_where_it_belongs(self):
        expected = """bin/osmia bin/appcmd bin/osmia-cc
            libexec/osmia/osmia-guardian libexec/osmia/osmia-supervisor libexec/osmia/osmia-listener libexec/osmia/osmia-worker
            lib/osmia/libosmia-win32.so lib/osmia/modules/isapi.so lib/osmia/modules/static_file.so lib/osmia/modules/default_document.so
            include/osmia/windows.h include/osmia/httpext.h include/osmia/httpserv.h include/osmia/osmia_win32/prelude.h
            share/man/man1/osmia.1 share/man/man1/osmia-cc.1 share/man/man5/applicationHost.config.5 share/man/man8/osmia.8
            share/man/man8/osmia.service.8 share/osmia/schema/web_server.schema share/osmia/applicationHost.config.example
            share/osmia/sample-site/index.html share/osmia/sample-site/guestbook.so share/doc/osmia/LICENSE
            etc/osmia/applicationHost.config
            lib/systemd/system/osmia.service lib/sysusers.d/osmia.conf lib/tmpfiles.d/osmia.conf""".split()
        self.assertEqual([name for name in expected if not (self.prefix / name).is_file()], [])
        self.assertEqual(os.readlink(self.prefix / "bin/appcmd"), "osmia")

    def test_no_tests_and_no_build_files_are_installed(self):
        names = [str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*")]
        self.assertEqual([name for name in names if re.search(r"_test\b|CMakeFiles|CTestTestfile|\.a$", name)], [])

    @unittest.skipUnless(HIDES_PATHS, "debug builds name their sources")
    def test_no_installed_file_names_the_source_or_the_build_tree(self):
        paths = [os.fsencode(path) for path in {SOURCE, BUILD}]
        files = [path for path in self.prefix.rglob("*") if path.is_file()]
        self.assertEqual([str(file) for file in files if any(path in file.read_bytes() for path in paths)], [])

    def test_every_library_is_found_without_the_build_tree(self):
        for name in ("bin/osmia", "libexec/osmia/osmia-worker", "libexec/osmia/osmia-listener", "libexec/osmia/osmia-supervisor"):
            found = subprocess.run([*HIDDEN, "ldd", str(self.prefix / name)], check=True, capture_output=True, text=True).stdout
            self.assertNotIn("not found", found, name)
            self.assertNotIn(BUILD, found, name)

    def test_an_administrators_configuration_is_kept_on_reinstall(self):
        file = self.prefix / "etc/osmia/applicationHost.config"
        shipped = file.read_text()
        self.addCleanup(file.write_text, shipped)
        file.write_text(shipped + "<!-- mine -->\n")
        install(self.prefix)
        self.assertTrue(file.read_text().endswith("<!-- mine -->\n"))

    def test_usr_is_laid_out_in_a_staging_folder_with_etc_beside_it(self):
        install("/usr", self.place.folder)
        self.assertTrue((self.place.folder / "usr/bin/osmia").is_file())
        configuration = (self.place.folder / "etc/osmia/applicationHost.config").read_text()
        self.assertIn('physicalPath="/usr/share/osmia/sample-site"', configuration)
        unit = (self.place.folder / "usr/lib/systemd/system/osmia.service").read_text()
        self.assertIn("ExecStart=/usr/bin/osmia serve --config /etc/osmia/applicationHost.config\n", unit)
        for line in ("Type=notify", "Delegate=yes", "KillMode=mixed", "ExecReload=/usr/bin/osmia reload"):
            self.assertIn(line + "\n", unit)

    def test_a_folder_is_served_with_an_extension_from_the_installed_compiler(self):
        (self.place.site / "index.html").write_text("<p>installed</p>\n")
        self.compile_hello(self.place.site)
        server = self.serve_hidden(self.place.site, "--listen", "127.0.0.1:0")
        self.assertEqual(server.get("/"), (200, "<p>installed</p>\n"))
        self.assertEqual(server.get("/hello.so"), (200, "Hello, world!\n"))
        self.assertEqual(server.end(), 0)

    def test_a_project_of_its_own_builds_with_cmake_pkg_config_and_free_pascal(self):
        examples = shutil.copytree(self.prefix / "share/doc/osmia/examples", self.place.folder / "examples")
        source, build = examples / "out_of_tree", self.place.folder / "build"
        for arguments in (["-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}"], ["--build", build]):
            subprocess.run([*HIDDEN, CMAKE, *map(str, arguments)], check=True, cwd="/", env=PLAIN, capture_output=True, timeout=120)
        for name in ("hello", "hello_c"):
            shutil.copy(build / f"{name}.so", self.place.site)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "osmia"], check=True, capture_output=True, text=True,
                               env={**PLAIN, "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")}).stdout.split()
        subprocess.run([*HIDDEN, "cc", "-shared", "-fPIC", "-o", str(self.place.site / "packaged.so"), str(source / "hello_c.c"), *flags], check=True, cwd="/", env=PLAIN)
        expected = {"hello": "Hello, world!", "hello_c": "Hello from C!", "packaged": "Hello from C!"}
        if shutil.which("fpc"):
            subprocess.run(["fpc", "-Cg", f"-o{self.place.site}/hello_pascal.so", str(source / "hello_pascal.pas")], check=True, cwd=source, env=PLAIN, capture_output=True)
            expected["hello_pascal"] = "Hello from Pascal!"
        server = self.serve_hidden(self.place.site, "--listen", "127.0.0.1:0")
        for name, text in expected.items():
            self.assertEqual(server.get(f"/{name}.so"), (200, text + "\n"), name)

    def test_what_the_windows_header_lacks_fails_at_link_time_with_its_name(self):
        project = self.place.folder / "project"
        project.mkdir()
        (project / "x.cpp").write_text('#include <httpext.h>\nextern "C" BOOL WINAPI CryptoNobodyHas(DWORD);\n'
                                       'BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO*) { return CryptoNobodyHas(1); }\n'
                                       'DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK*) { return HSE_STATUS_SUCCESS; }\n')
        (project / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.20)\nproject(x CXX)\nfind_package(Osmia REQUIRED)\nosmia_add_isapi_extension(x x.cpp)\n")
        configured = [CMAKE, "-S", str(project), "-B", str(project / "build"), f"-DCMAKE_PREFIX_PATH={self.prefix}"]
        subprocess.run(configured, check=True, env=PLAIN, capture_output=True)
        built = subprocess.run([CMAKE, "--build", str(project / "build")], env=PLAIN, capture_output=True, text=True)
        self.assertNotEqual(built.returncode, 0)
        self.assertIn("CryptoNobodyHas", built.stdout + built.stderr)

    def test_an_extension_alone_answers_every_path(self):
        server = self.serve_hidden(self.compile_hello(self.place.folder), "--listen", "127.0.0.1:0")
        for path in ("/", "/any/thing?x=1"):
            self.assertEqual(server.get(path), (200, "Hello, world!\n"))

    def test_the_installed_configuration_serves_the_sample_site(self):
        shipped = (self.prefix / "etc/osmia/applicationHost.config").read_text()
        self.assertEqual(shipped.count("127.0.0.1:8080:"), 1)
        mine = self.place.folder / "applicationHost.config"
        mine.write_text(shipped.replace("127.0.0.1:8080:", "127.0.0.1:0:"))
        check = subprocess.run([str(self.osmia), "check", "--config", str(mine)], capture_output=True, text=True)
        self.assertEqual((check.returncode, check.stderr), (0, ""))
        server = self.serve_hidden("--config", mine)
        self.assertIn("Osmia is running", server.get("/")[1])
        status, body = server.get("/status.so")
        self.assertEqual((status, json.loads(body)["pool"]), (200, "DefaultAppPool"))
        self.assertEqual(server.get("/guestbook.so")[0], 200)

    def test_the_example_configuration_has_no_errors(self):
        example = (self.prefix / "share/osmia/applicationHost.config.example").read_text()
        copy = self.prefix / "example.config"
        for path in ("/etc/ssl/www.pem", "/etc/ssl/private/www.key"):  # an administrator's own: only that they exist is checked
            self.assertIn(path, example)
            example = example.replace(path, str(copy))
        copy.write_text(example)
        check = subprocess.run([str(self.osmia), "check", "--config", str(copy)], capture_output=True, text=True)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    @unittest.skipUnless(is_root(), "only root's pools have identities of their own")
    def test_programs_that_pools_cannot_reach_are_staged(self):
        self.compile_hello(self.place.site)
        self.installation.folder.chmod(0o700)
        self.addCleanup(self.installation.folder.chmod, 0o755)
        server = self.serve_hidden(self.place.site, "--listen", "127.0.0.1:0")
        self.assertEqual(server.get("/hello.so"), (200, "Hello, world!\n"))
        self.assertTrue((self.place.folder / "state/stage/bin/osmia-worker").is_file())

    def test_the_service_manager_is_told_ready_reloading_and_stopping_and_ready_by_the_next_supervisor(self):
        name = str(self.place.folder / "notify")
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(name)
        manager.settimeout(PATIENCE)
        said = lambda: manager.recv(1024).decode().split("\n")[0]  # noqa: E731
        server = self.serve_hidden(self.place.site, "--listen", "127.0.0.1:0", environment={"NOTIFY_SOCKET": name})
        self.assertEqual(said(), "READY=1")
        server.osmia("reload")
        self.assertEqual([said(), said()], ["RELOADING=1", "READY=1"])
        os.kill(server.status()["supervisorPid"], signal.SIGKILL)
        self.assertEqual(said(), "READY=1")
        self.assertEqual(server.end(), 0)
        self.assertEqual(said(), "STOPPING=1")

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_the_man_pages_format_without_a_warning(self):
        for page in sorted((self.prefix / "share/man").rglob("*.[158]")):
            done = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True, cwd=self.prefix / "share/man",
                                  env={**PLAIN, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
            self.assertEqual((page.name, done.returncode, done.stderr), (page.name, 0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
