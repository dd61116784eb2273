"""The extension's file: served alone, rebuilt, replaced, loaded twice; and what it writes."""
import contextlib
import os
import shutil
import threading
import unittest

from osmia_server import EXAMPLES, ServerTest, wait_for


def copy_in_place(source, target):
    """What a linker or cp does: the same file, truncated and written."""
    target.write_bytes(source.read_bytes())


def copy_by_rename(source, target):
    fresh = target.with_suffix(".new")
    shutil.copy(source, fresh)
    os.replace(fresh, target)


class OneExtension(ServerTest):
    def setUp(self):
        super().setUp()
        self.file = self.place.site / "mine.so"
        shutil.copy(EXAMPLES / "hello.so", self.file)

    def serve_extension(self):
        return self.serve(self.file, "--listen", "127.0.0.1:0").listening()

    def test_it_answers_every_path(self):
        (self.place.site / "page.html").write_text("not served")
        server = self.serve_extension()
        for target in ("/", "/any", "/deep/er/path?q=1", "/page.html", "/mine.so", "/a.dll/b", "/%20x", "/web.config"):
            self.assertEqual(server.get(target), (200, "Hello, world!\n"), target)
        self.assertEqual(server.request("/any", "POST", body=b"x").body, b"Hello, world!\n")

    def test_the_path_is_path_info(self):
        copy_in_place(EXAMPLES / "vars.so", self.file)
        self.assertEqual(self.serve_extension().get("/deep/er?name=PATH_INFO"), (200, "PATH_INFO=/deep/er\n"))

    def test_after_a_rebuild_the_new_code_runs(self):
        server = self.serve_extension()
        for replace in (copy_in_place, copy_by_rename):
            self.assertEqual(server.get("/x"), (200, "Hello, world!\n"))
            replace(EXAMPLES / "md5_post.so", self.file)
            wait_for(lambda: server.get("/x")[1] == "d41d8cd98f00b204e9800998ecf8427e 0\n", f"new code after {replace.__name__}")
            replace(EXAMPLES / "hello.so", self.file)
            wait_for(lambda: server.get("/x")[1] == "Hello, world!\n", f"the old code again after {replace.__name__}")
        self.assertNotIn("died", server.text())

    def test_no_request_fails_while_it_is_rebuilt(self):
        server = self.serve_extension()
        server.get("/")
        answers, stop = [], threading.Event()

        def ask():
            with server.connect() as connection:
                while not stop.is_set():
                    answers.append(connection.request("/x").body)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                copy_by_rename(EXAMPLES / "md5_post.so", self.file)
                wait_for(lambda: b"d41d8cd98f00b204e9800998ecf8427e 0\n" in answers[-4:], "new code")
                copy_by_rename(EXAMPLES / "hello.so", self.file)
                wait_for(lambda: answers[-4:] == [b"Hello, world!\n"] * 4, "the old code again")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(set(answers), {b"Hello, world!\n", b"d41d8cd98f00b204e9800998ecf8427e 0\n"})


class Replacing(ServerTest):
    def test_replacing_a_loaded_extension_in_place_is_harmless(self):
        self.place.add_example("hello")
        server = self.serve().listening()
        self.assertEqual(server.get("/hello.so"), (200, "Hello, world!\n"))
        worker = server.workers()[0]["pid"]
        file = self.place.site / "hello.so"
        for content in (b"", b"\x00" * 4096, os.urandom(100_000)):
            file.write_bytes(content)
            for _ in range(5):
                self.assertEqual(server.get("/hello.so"), (200, "Hello, world!\n"))
        self.assertEqual([one["pid"] for one in server.workers()], [worker])
        copy_in_place(EXAMPLES / "md5_post.so", file)
        wait_for(lambda: server.get("/hello.so") == (200, "d41d8cd98f00b204e9800998ecf8427e 0\n"), "the new code")

    def test_a_file_that_is_no_extension_is_500_and_the_reason_is_told(self):
        (self.place.site / "bad.so").write_bytes(b"MZ no shared object")
        self.place.add_example("hello")
        server = self.serve().listening()
        self.assertEqual(server.get("/bad.so")[0], 500)
        server.wait_line(r"DefaultAppPool\[\d+\]: .*bad\.so")
        self.assertEqual(server.get("/hello.so"), (200, "Hello, world!\n"))

    def test_loaded_extensions_are_listed(self):
        self.place.add_example("hello")
        server = self.serve().listening()
        server.get("/hello.so")
        listed = wait_for(lambda: server.json("list", "extensions"), "the extension is listed")[0]
        self.assertEqual((listed["file"], listed["description"], listed["cached"]), (str(self.place.site / "hello.so"), "Hello", True))
        self.assertRegex(listed["hash"], "^[0-9a-f]{64}$")


class Output(ServerTest):
    def setUp(self):
        super().setUp()
        self.place.add_example("stdout_noise", "crash")

    def test_every_output_comes_line_by_line_with_pool_and_pid(self):
        server = self.serve().listening()
        server.get("/stdout_noise.so?lines=3&text=words")
        worker = server.workers()[0]["pid"]
        for channel in ("stdout", "stderr", "debug"):
            for number in (1, 2, 3):
                server.wait_line(rf"^\d\d:\d\d:\d\d\.\d\d\d DefaultAppPool\[{worker}\]: .*{channel} words {number}$")

    def test_a_flood_blocks_nobody(self):
        server = self.serve().listening()
        for _ in range(5):
            self.assertEqual(server.get("/stdout_noise.so?lines=20000&text=flood"), (200, "written\n"))
        self.assertTrue(server.status()["pid"])

    def test_the_last_words_before_a_crash_are_kept(self):
        server = self.serve().listening()
        server.get("/stdout_noise.so?text=last+words")
        worker = server.workers()[0]["pid"]
        with contextlib.suppress(EOFError):
            server.get("/crash.so?how=abort")
        server.wait_line(rf"DefaultAppPool\[{worker}\]: .*stderr last words 1")
        server.wait_line(rf"worker {worker} of pool DefaultAppPool died: SIGABRT")


if __name__ == "__main__":
    unittest.main()
