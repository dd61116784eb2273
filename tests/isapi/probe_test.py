"""`osmia probe FILE`: what a shared object is, found without harm to the one who asks."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from osmia_server import BIN, EXAMPLES

ENTRIES = 'int GetExtensionVersion(char* v) { (void)v; return 1; } int HttpExtensionProc(void* e) { (void)e; return 1; }\n'


class Probe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="osmia-probe-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def build(self, name, source, *options):
        (self.folder / f"{name}.c").write_text(source)
        file = self.folder / f"{name}.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", file, self.folder / f"{name}.c", *options], check=True, capture_output=True)
        return file

    def probe(self, file):
        done = subprocess.run([str(BIN / "osmia"), "probe", str(file)], capture_output=True, text=True, timeout=60)
        lines = [tuple(line.split(": ", 1)) if ": " in line else (line, "") for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1 if any(name == "problem" for name, _ in lines) else 0, done.stdout + done.stderr)
        return lines

    def check_problem(self, file, text):
        problems = [value for name, value in self.probe(file) if name == "problem"]
        self.assertTrue(any(text in problem for problem in problems), problems)

    def test_an_extension_with_version_and_description(self):
        lines = self.probe(EXAMPLES / "hello.so")
        for line in (("kind", "ISAPI extension"), ("version", "7.5"), ("description", "Hello"), ("unload", "yes")):
            self.assertIn(line, lines)

    def test_a_filter_and_both_at_once(self):
        both = self.build("both", ENTRIES + "int GetFilterVersion(char* v) { v[8] = 'F'; return 1; } int HttpFilterProc(void* c, int n, void* p) { (void)c; (void)n; (void)p; return 1; }")
        lines = self.probe(both)
        self.assertIn(("kind", "ISAPI extension"), lines)
        self.assertIn(("kind", "ISAPI filter"), lines)
        self.assertIn(("filter", "F"), lines)

    def test_a_native_module(self):
        self.assertIn(("kind", "native module"), self.probe(BIN.parent / "lib/osmia/modules/static_file.so"))

    def test_every_missing_symbol_is_named(self):
        file = self.build("symbols", "void first_missing(void); void second_missing(void);\n" + ENTRIES + "void f(void) { first_missing(); second_missing(); }")
        self.check_problem(file, "missing symbol first_missing")
        self.check_problem(file, "missing symbol second_missing")

    def test_a_missing_library_is_named(self):
        library = self.build("libgone", "int gone(void) { return 1; }", "-Wl,-soname,libgone.so.7")
        file = self.build("needs", ENTRIES + "int gone(void); int g(void) { return gone(); }", f"-L{self.folder}", f"-l:{library.name}")
        self.check_problem(file, "missing library libgone.so.7")

    def test_what_is_no_shared_object_of_this_machine(self):
        (self.folder / "dll").write_bytes(b"MZ" + b"\0" * 200)
        self.check_problem(self.folder / "dll", "a Windows program or DLL, which needs the Windows host")
        (self.folder / "text").write_text("hello")
        self.check_problem(self.folder / "text", "no ELF file")
        image = bytearray((EXAMPLES / "hello.so").read_bytes())
        image[18] = 0xB7 if image[18] != 0xB7 else 0x3E
        (self.folder / "other").write_bytes(image)
        self.check_problem(self.folder / "other", "another processor")
        (self.folder / "cut").write_bytes((EXAMPLES / "hello.so").read_bytes()[:9000])
        self.check_problem(self.folder / "cut", "truncated")

    def test_one_without_entry_points_one_that_refuses_and_one_that_dies(self):
        self.check_problem(self.build("none", "int x;"), "exports neither")
        self.check_problem(self.build("refuses", ENTRIES.replace("return 1; } int Http", "return 0; } int Http")), "GetExtensionVersion returned FALSE")
        self.check_problem(self.build("dies", ENTRIES + "#include <stdlib.h>\n__attribute__((constructor)) static void c(void) { abort(); }"), "Aborted")

    def test_whether_it_can_unload(self):
        nodelete = self.build("nodelete", ENTRIES, "-Wl,-z,nodelete")
        self.assertIn(("unload", "no: it is linked with -z nodelete"), self.probe(nodelete))
        refuses = self.build("stays", ENTRIES + "int TerminateExtension(int f) { (void)f; return 0; }")
        self.assertIn(("unload", "no: its TerminateExtension refuses"), self.probe(refuses))
        threads = self.build("threads", "#include <pthread.h>\n#include <unistd.h>\nstatic void* run(void* p) { pause(); return p; }\n"
                             "int GetExtensionVersion(char* v) { (void)v; pthread_t t; return pthread_create(&t, 0, run, 0) == 0; } int HttpExtensionProc(void* e) { (void)e; return 1; }")
        self.assertIn(("unload", "no: it has made threads"), self.probe(threads))


if __name__ == "__main__":
    unittest.main()
