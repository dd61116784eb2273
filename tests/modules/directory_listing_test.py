"""DirectoryListingModule: the page, JSON, what is shown and what never is."""
import json
import os
import unittest

from module_test import ModuleTest, modules_without


class Listing(ModuleTest):
    @classmethod
    def build(cls):
        browse = '<directoryBrowse enabled="true" {}/>'
        files = {"b.txt": "bb", "a <b>&.txt": "a", "c.txt": "c" * 5000, ".hidden": "x", "x.config": "x", "sub/inner.txt": "i", "bin/x.txt": "x", "ümlaut.txt": "u", "java:x.txt": "j"}
        folder = cls.folder("on", browse.format(""), files)
        os.symlink("/etc/passwd", folder / "outside.txt")
        os.symlink("b.txt", folder / "inside.txt")
        os.symlink("nowhere", folder / "dangling.txt")
        os.mkfifo(folder / "pipe.txt")
        os.utime(folder / "b.txt", (86400, 86400))
        cls.folder("off", "", files)
        for name, flags in (("none", "None"), ("date", "Date"), ("time", "Date, Time"), ("size", "Size"), ("extension", "Extension"), ("long", "LongDate")):
            made = cls.folder(name, browse.format(f'showFlags="{flags}"'), {"file.txt": "12345"})
            os.utime(made / "file.txt", (86400, 86400))
        cls.folder("default", browse.format(""), {"index.html": "the default"})
        cls.folder("absent", browse.format("") + modules_without("DirectoryListingModule")
                   + '<handlers><remove name="StaticFile"/><add name="Static" path="*" verb="*" modules="StaticFileModule,DefaultDocumentModule" resourceType="Either" requireAccess="Read"/></handlers>',
                   files, locked=True)
        many = cls.folder("many", browse.format(""), {"one.txt": ""})
        for number in range(10_001):
            (many / f"f{number:05}.txt").touch()

    def json(self, target):
        answer = self.server.request(target, headers=[("Accept", "application/json")])
        self.assertEqual((answer.status, answer.header("Content-Type")), (200, "application/json"))
        return json.loads(answer.body)

    def names(self, target="/on/"):
        return [entry["name"] for entry in self.json(target)["entries"]]

    def test_what_is_there_and_nothing_else(self):
        self.assertEqual(self.names(), ["sub", "a <b>&.txt", "b.txt", "c.txt", "inside.txt", "java:x.txt", "ümlaut.txt"])

    def test_json(self):
        listing = self.json("/on/")
        self.assertEqual((listing["path"], listing["truncated"]), ("/on/", False))
        self.assertEqual(listing["entries"][2], {"name": "b.txt", "type": "file", "size": 2, "modified": "1970-01-02T00:00:00Z"})
        self.assertEqual(listing["entries"][0]["type"], "folder")
        for accept, kind in (("text/html,application/json", "text/html; charset=utf-8"), ("*/*", "text/html; charset=utf-8"), ("application/json, text/html", "application/json")):
            answer = self.server.request("/on/", headers=[("Accept", accept)])
            self.assertEqual((answer.header("Content-Type"), answer.header("Vary").split(",")[0]), (kind, "Accept"))

    def test_the_page_is_valid_and_names_are_no_markup(self):
        page = self.server.get("/on/")[1]
        self.assertIn('<a href="./a%20%3Cb%3E&amp;.txt">a &lt;b&gt;&amp;.txt</a>', page)
        self.assertIn('<a href="./java:x.txt">', page)
        self.assertIn('<a href="../">', page)
        self.assertNotIn("<b>&", page)
        for name in ("%C3%BCmlaut.txt", "sub/"):
            self.assertEqual(self.server.request(f"/on/{name}").status, 200)

    def test_sorting(self):
        self.assertEqual(self.names("/on/?sort=size&order=desc")[1], "c.txt")
        self.assertEqual(self.names("/on/?sort=modified")[1], "b.txt")
        self.assertEqual(self.names("/on/?sort=name&order=desc")[1], "ümlaut.txt")

    def test_flags(self):
        pages = {name: self.server.get(f"/{name}/")[1] for name in ("none", "date", "time", "size", "extension", "long")}
        self.assertIn(">file</a>", pages["none"])
        self.assertIn(">file.txt</a>", pages["extension"])
        self.assertIn("5 B", pages["size"])
        self.assertNotIn("5 B", pages["none"])
        self.assertIn("<td class=\"d\">1970-01-02</td>", pages["date"])
        self.assertIn("1970-01-02 00:00", pages["time"])
        self.assertIn("Friday, 02 January 1970", pages["long"])
        self.assertNotIn("1970", pages["none"])

    def test_a_folder_with_very_many_files(self):
        listing = self.json("/many/")
        self.assertEqual((len(listing["entries"]), listing["truncated"]), (10_000, True))
        self.assertIn("more than can be shown", self.server.get("/many/")[1])

    def test_off_absent_and_the_default_document(self):
        self.assertEqual(self.status("/off/"), "403.14")
        self.assertEqual(self.status("/absent/"), "403.14")
        self.assertEqual(self.server.get("/default/"), (200, "the default"))
        self.assertEqual(self.server.request("/on").status, 301)
        self.assertEqual(self.server.request("/on/", "POST", body=b"").status, 403)


if __name__ == "__main__":
    unittest.main()
