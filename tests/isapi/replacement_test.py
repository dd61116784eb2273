"""Extensions replaced while they serve: nothing fails, every answer is wholly old or wholly new."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from osmia_server import BIN, ServerTest, pool, site, wait_for

SLOW = "OSMIA_SLOW" in os.environ
REPLACEMENTS = 1000 if SLOW else 30
CONNECTIONS = 64
PIECES = 8

SOURCE = """
#include <httpext.h>
#include <string>
#ifdef LIBRARY
extern "C" const char* letter();
#else
static const char* letter() { return LETTER; }
#endif
extern "C" BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO* v) {
    v->dwExtensionVersion = 1; strcpy(v->lpszExtensionDesc, "version " LETTER); return START;
}
extern "C" DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* e) {
    std::string line = std::string(letter()) + "\\n";
    for (int i = 0; i < PIECES; ++i) {
        DWORD size = (DWORD)line.size();
        if (i == 0) e->ServerSupportFunction(e->ConnID, HSE_REQ_SEND_RESPONSE_HEADER, nullptr, nullptr, (LPDWORD)"Content-Type: text/plain\\r\\n\\r\\n");
        e->WriteClient(e->ConnID, (void*)line.c_str(), &size, HSE_IO_SYNC);
    }
    return HSE_STATUS_SUCCESS;
}
"""


def answer(letter):
    return (letter + "\n").encode() * PIECES


def copy_in_place(source, target):
    target.write_bytes(source.read_bytes())


def copy_by_rename(source, target):
    fresh = target.with_suffix(".new")
    shutil.copy(source, fresh)
    os.replace(fresh, target)


def seed_steps(source, target):
    """The three steps of the article: rename the old one away, copy, delete later."""
    away = target.with_suffix(".old")
    os.replace(target, away)
    shutil.copy(source, target)
    away.unlink()


class Replacement(ServerTest):
    @classmethod
    def setUpClass(cls):
        cls.built = pathlib.Path(tempfile.mkdtemp(prefix="osmia-versions-"))
        cls.addClassCleanup(shutil.rmtree, cls.built, ignore_errors=True)
        (cls.built / "version.cpp").write_text(SOURCE)
        for name, options in (("A", []), ("B", []), ("C", []), ("bad", ["-DSTART=FALSE"])):
            cls.build(name, *options)

    @classmethod
    def build(cls, name, *options):
        start = [] if any(option.startswith("-DSTART") for option in options) else ["-DSTART=TRUE"]
        subprocess.run([str(BIN / "osmia-cc"), "-o", str(cls.built / f"{name}.so"), str(cls.built / "version.cpp"), f'-DLETTER="{name}"',
                        f"-DPIECES={PIECES}", *start, *options], check=True, capture_output=True, text=True)

    def setUp(self):
        super().setUp()
        self.file = self.place.site / "v.so"
        shutil.copy(self.built / "A.so", self.file)

    def wait_for_version(self, letter, server):
        wait_for(lambda: server.request("/v.so").body == answer(letter), f"version {letter}")

    def wait_for_copy(self, name):
        """Until the supervisor keeps these bytes as the last good ones."""
        wanted = (self.built / f"{name}.so").read_bytes()
        wait_for(lambda: any(file.stat().st_size == len(wanted) and file.read_bytes() == wanted
                             for file in (self.place.state / "extensions").rglob("?" * 64)), f"a copy of {name}")

    def load(self, server, run):
        """Runs \\a run while 64 connections ask; gives what was answered."""
        answers, failures, stop = set(), [], threading.Event()

        def ask():
            try:
                with server.connect() as connection:
                    while not stop.is_set():
                        got = connection.request("/v.so")
                        answers.add((got.status, got.body))
            except Exception as failure:  # whatever a client meets is a failed request
                failures.append(repr(failure))

        threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        try:
            run()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        return answers

    def test_live_replacements_under_load_fail_no_request(self):
        server = self.serve().listening()
        self.wait_for_version("A", server)
        ways = (copy_in_place, copy_by_rename, seed_steps)
        times = []

        def replace():
            for number in range(REPLACEMENTS):
                letter = "BCA"[number % 3]
                ways[number // 3 % 3](self.built / f"{letter}.so", self.file)
                begun = time.monotonic()
                self.wait_for_version(letter, server)
                times.append(time.monotonic() - begun)

        answers = self.load(server, replace)
        print(f"\n{REPLACEMENTS} replacements under {CONNECTIONS} connections: new code after {sum(times) / len(times):.2f} s on average, {max(times):.2f} s at most")
        self.assertEqual(answers, {(200, answer(letter)) for letter in "ABC"})
        self.assertNotIn("died", server.text())

    def test_what_cannot_load_never_takes_the_old_one_away(self):
        server = self.serve().listening()
        self.wait_for_version("A", server)
        self.wait_for_copy("A")
        for content in (b"", b"\0" * 5000, (self.built / "A.so").read_bytes()[:9000], (self.built / "bad.so").read_bytes()):
            self.file.write_bytes(content)
            server.wait_line(r"v\.so cannot be loaded: .*the version before goes on")
            server.output.clear()
            self.assertEqual(server.request("/v.so").body, answer("A"))
            server.osmia("recycle", "pool", "DefaultAppPool")
            self.assertEqual(server.request("/v.so").body, answer("A"))
        copy_in_place(self.built / "B.so", self.file)
        self.wait_for_version("B", server)

    def test_while_the_name_is_missing_new_workers_load_the_last_good_copy(self):
        server = self.serve().listening()
        self.wait_for_version("A", server)
        self.wait_for_copy("A")
        self.file.unlink()
        server.osmia("recycle", "pool", "DefaultAppPool")
        self.assertEqual(server.request("/v.so").body, answer("A"))
        # Removed for good after ten seconds.
        wait_for(lambda: server.request("/v.so").status == 404, "404", 40)
        server.wait_line(r"v\.so is gone: recycled")
        shutil.copy(self.built / "C.so", self.file)
        self.wait_for_version("C", server)

    def test_a_half_written_file_is_not_loaded(self):
        server = self.serve().listening()
        self.wait_for_version("A", server)
        self.wait_for_copy("A")
        content = (self.built / "B.so").read_bytes()
        with self.file.open("wb", buffering=0) as file:
            file.write(content[:len(content) // 2])
            for _ in range(5):
                server.osmia("recycle", "pool", "DefaultAppPool")
                self.assertEqual(server.request("/v.so").body, answer("A"))
            file.write(content[len(content) // 2:])
        self.wait_for_version("B", server)

    def test_a_library_beside_the_extension_is_copied_watched_and_replaced(self):
        def library(letter):
            source = self.built / "letter.c"
            source.write_text(f'const char* letter(void) {{ return "{letter}"; }}')
            subprocess.run(["cc", "-shared", "-fPIC", "-Wl,-soname,libletter.so", "-o", self.built / f"lib{letter}.so", source], check=True)
            return self.built / f"lib{letter}.so"

        first, second = library("L"), library("M")
        shutil.copy(first, self.place.site / "libletter.so")
        self.build("linked", "-DLIBRARY", f"-L{self.place.site}", "-lletter")
        shutil.copy(self.built / "linked.so", self.file)
        server = self.serve().listening()
        self.wait_for_version("L", server)
        for source, letter in ((second, "M"), (first, "L")):
            copy_in_place(source, self.place.site / "libletter.so")
            self.wait_for_version(letter, server)
        self.wait_for_copy("linked")
        (self.place.site / "libletter.so").unlink()
        server.osmia("recycle", "pool", "DefaultAppPool")
        self.assertEqual(server.request("/v.so").body, answer("L"))

    def test_a_pool_without_overlap_never_has_two_generations(self):
        server = self.serve("--config", self.configure([pool("P", inner='<recycling disallowOverlappingRotation="true"/>')],
                                                       [site("S", 1, "P", self.place.site)])).listening()
        self.wait_for_version("A", server)
        counts, stop = set(), threading.Event()

        def count():
            while not stop.is_set():
                counts.add(len([one for one in server.workers("P") if one["state"] != "dead"]))

        counter = threading.Thread(target=count)
        counter.start()
        try:
            for letter in "BCA":
                copy_by_rename(self.built / f"{letter}.so", self.file)
                self.wait_for_version(letter, server)
        finally:
            stop.set()
            counter.join()
        self.assertLessEqual(max(counts), 1)

    def test_the_switch_keeps_the_workers(self):
        server = self.serve("--config", self.configure([pool("P", inner='<recycling disallowRotationOnConfigChange="true"/>')],
                                                       [site("S", 1, "P", self.place.site)])).listening()
        self.wait_for_version("A", server)
        copy_by_rename(self.built / "B.so", self.file)
        server.wait_line(r"v\.so has changed; not recycled \(disallowRotationOnConfigChange\)")
        self.assertEqual(server.request("/v.so").body, answer("A"))
        server.osmia("recycle", "pool", "P")
        self.assertEqual(server.request("/v.so").body, answer("B"))


if __name__ == "__main__":
    unittest.main()
