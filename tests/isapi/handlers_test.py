"""<handlers>: which extension serves which URL, and what a client is told when none may."""
import os
import re
import shutil
import unittest

from osmia_server import EXAMPLES, ServerTest, pool, site, wait_for

PASS_ON = ("X-Program", "io;;exec,4,-;;status")


class Handlers(ServerTest):
    def setUp(self):
        super().setUp()
        shutil.copy(os.environ["OSMIA_CATALOGUE"], self.place.folder / "first.so")
        shutil.copy(os.environ["OSMIA_CATALOGUE"], self.place.folder / "second.so")
        self.place.add_example("vars", "hello", folder=self.place.folder)
        self.place.add_example("vars", "hello")
        for name in ("page.htm", "page.html", "secret.htm", "data.unknown"):
            (self.place.site / name).write_text(f"<p>{name}</p>")

    def start(self, handlers, restriction='notListedIsapisAllowed="true"', listed="", access="Read, Script, Execute"):
        """A server whose site has these handlers before the shipped ones."""
        (self.place.site / "web.config").write_text(
            f'<configuration><system.webServer><handlers accessPolicy="{access}"><clear/>{handlers}'
            '<add name="so" path="*.so" verb="*" modules="IsapiModule" resourceType="File" requireAccess="Execute" allowPathInfo="true"/>'
            '<add name="files" path="*" verb="*" modules="StaticFileModule,DefaultDocumentModule" resourceType="Either" requireAccess="Read"/>'
            '</handlers></system.webServer></configuration>')
        path = self.configure([pool("One")], [site("S", 1, "One", self.place.site)], "")
        text = path.read_text().replace('<isapiCgiRestriction notListedIsapisAllowed="true" />', f"<isapiCgiRestriction {restriction}>{listed}</isapiCgiRestriction>")
        self.assertIn(restriction, text)
        path.write_text(text)
        self.server = self.serve("--config", path).listening()
        return self.server

    def map(self, name, path, file, more='requireAccess="Script"'):
        return f'<add name="{name}" path="{path}" verb="*" modules="IsapiModule" scriptProcessor="{self.place.folder}/{file}" {more}/>'

    def number(self, target, **options):
        """The status with its substatus, from the error page."""
        answer = self.server.request(target, **options)
        found = re.search(rb"<h1>(?:<b>)?([\d.]+)", answer.body)
        return found.group(1).decode() if found else str(answer.status)

    def variables(self, target):
        return dict(line.split("=", 1) for line in self.server.request(target).body.decode().splitlines() if "=" in line and not line[0].isspace())

    def test_a_wildcard_extension_passes_every_request_on(self):
        server = self.start(self.map("all", "*", "first.so"))
        for target, status, body in (("/page.html", 200, "<p>page.html</p>"), ("/hello.so", 200, "Hello, world!\n"), ("/none.html", 404, None)):
            answer = server.request(target, headers=[PASS_ON, ("X-Case", "w")])
            self.assertEqual(answer.status, status, target)
            if body is not None:
                self.assertEqual(answer.body.decode(), body)
        answer = server.request("/vars.so/more?name=PATH_INFO", headers=[PASS_ON])
        self.assertEqual(answer.body, b"PATH_INFO=/more\n")
        self.assertEqual(server.request("/anything", headers=[("X-Program", "head,299 Its Own,-")]).status, 299)
        self.assertEqual(server.request("/any?log=w").body.decode().splitlines(), ["TRUE", "TRUE", "done 0 0", "TRUE 200.0 0"] * 2 + ["TRUE", "TRUE", "done 0 0", "TRUE 404.0 0"])

    def test_wildcard_extensions_run_in_their_order(self):
        server = self.start(self.map("one", "*", "first.so") + self.map("two", "*", "second.so"))
        answer = server.request("/page.html", headers=[PASS_ON, ("X-Case", "order")])
        self.assertEqual(answer.body, b"<p>page.html</p>")
        first = server.request("/any?log=order").body.decode().splitlines()
        self.assertEqual(first, ["TRUE", "TRUE", "done 0 0", "TRUE 200.0 0"])
        listed = wait_for(lambda: len(found := server.json("list", "extensions")) == 2 and found, "both extensions")
        self.assertEqual({os.path.basename(one["file"]) for one in listed}, {"first.so", "second.so"})

    def test_a_wildcard_extension_that_calls_itself_is_stopped(self):
        server = self.start(self.map("all", "*", "first.so"))
        answer = server.request("/page.html", headers=[("X-Program", "io;;exec,0,-;;status"), ("X-Case", "loop")])
        self.assertEqual(answer.status, 200)
        lines = server.request("/any?log=loop").body.decode().splitlines()
        self.assertEqual((lines.count("FALSE 50"), lines.count("done 0 0")), (1, 20))

    def test_a_body_is_passed_on(self):
        server = self.start(self.map("all", "*", "first.so"))
        for size in (10, 300_000):
            body = os.urandom(size).hex().encode()
            answer = server.request("/vars.so?name=CONTENT_LENGTH", "POST", headers=[PASS_ON], body=body)
            self.assertEqual(answer.body.decode(), f"CONTENT_LENGTH={len(body)}\n")

    def test_any_file_name_may_lead_to_an_extension(self):
        server = self.start(self.map("htm", "*.htm", "vars.so", 'resourceType="File" requireAccess="Script"') + self.map("named", "report", "vars.so"))
        found = self.variables("/page.htm")
        self.assertEqual(found["SCRIPT_NAME"], "/page.htm")
        self.assertEqual(found["PATH_TRANSLATED"], str(self.place.site / "page.htm"))
        self.assertEqual(found["PATH_INFO"], "/page.htm")
        self.assertEqual(self.variables("/report")["SCRIPT_NAME"], "/report")
        self.assertEqual(self.number("/missing.htm"), "404")
        self.assertEqual(server.get("/page.html"), (200, "<p>page.html</p>"))

    def test_allow_path_info_decides_what_path_info_is(self):
        self.start(self.map("x", "*.x", "vars.so", 'requireAccess="Script" allowPathInfo="true"') + self.map("y", "*.y", "vars.so"))
        self.assertEqual(self.variables("/a.x/b/c")["PATH_INFO"], "/b/c")
        self.assertEqual(self.variables("/a.y/b/c")["PATH_INFO"], "/a.y/b/c")

    def test_verbs_and_preconditions_choose_among_entries(self):
        server = self.start(
            f'<add name="post" path="*.v" verb="POST,PUT" modules="IsapiModule" scriptProcessor="{self.place.folder}/hello.so" requireAccess="Script"/>'
            + self.map("bits", "*.w", "hello.so", 'preCondition="bitness32"') + self.map("bits64", "*.w", "vars.so", 'preCondition="bitness64"'))
        self.assertEqual(server.request("/a.v", "POST", body=b"x").body, b"Hello, world!\n")
        self.assertEqual(server.request("/a.v").status, 405)
        self.assertIn("SCRIPT_NAME=/a.w", server.get("/a.w")[1])

    def test_access_decides(self):
        self.start(self.map("s", "*.s", "hello.so") + self.map("e", "*.e", "hello.so", 'requireAccess="Execute"') + self.map("n", "*.n", "hello.so", 'requireAccess="None"'), access="Read, Script")
        self.assertEqual(self.number("/a.s"), "200")
        self.assertEqual(self.number("/a.e"), "403.1")
        self.assertEqual(self.number("/hello.so"), "403.1")
        self.assertEqual(self.number("/a.n"), "200")

    def test_without_script_access_a_script_map_is_403_1(self):
        self.start(self.map("s", "*.s", "hello.so"), access="Read")
        self.assertEqual(self.number("/a.s"), "403.1")

    def test_what_is_not_listed_is_404_2(self):
        server = self.start(self.map("l", "*.l", "hello.so") + self.map("d", "*.d", "vars.so") + self.map("o", "*.o", "first.so"),
                            'notListedIsapisAllowed="false"',
                            f'<add path="{self.place.folder}/hello.so" allowed="true"/><add path="{self.place.folder}/vars.so" allowed="false"/>')
        self.assertEqual(server.get("/a.l"), (200, "Hello, world!\n"))
        self.assertEqual(self.number("/a.d"), "404.2")
        self.assertEqual(self.number("/a.o"), "404.2")

    def test_a_file_without_a_type_is_404_3(self):
        self.start("")
        self.assertEqual(self.number("/data.unknown"), "404.3")

    def test_an_extension_that_does_not_load_is_500(self):
        (self.place.folder / "broken.so").write_bytes(b"\x7fELF but no more")
        server = self.start(self.map("b", "*.b", "broken.so") + self.map("m", "*.m", "missing.so"))
        for target in ("/a.b", "/a.m"):
            self.assertEqual(self.number(target), "500")
        server.wait_line(r"extension .*broken\.so cannot be loaded: ")
        server.wait_line(r"extension .*missing\.so cannot be loaded: ")


if __name__ == "__main__":
    unittest.main()
