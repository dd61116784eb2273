"""Paths that try to reach what they must not: outside the site, or hidden in it. Every form is sent as it stands to the real server."""
import os
import unittest

from module_test import ModuleTest

SECRET = b"S3CRET"
OUTSIDE = f"outside {SECRET.decode()}"
HIDDEN = f"hidden {SECRET.decode()}"

UPS = ["..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "%252e%252e", "..%00", "...", "....", ". .", ".. ", " ..", "..;", "..;x=y", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae",
       "%u002e%u002e", "..%20", "..%09", "..%0d%0a", "%EF%BC%8E%EF%BC%8E", "..%ff", "..%7f", "%2e%2e%2e", ".%252e", "%%32%65%%32%65", "%2%65%2%65"]
SLASHES = ["/", "\\", "%2f", "%2F", "%5c", "%5C", "%252f", "%255c", "//", "/./", "\\/", "%c0%af", "%e0%80%af", "%u2215", "%EF%BC%8F", "/%2e/", ";/", "%00/", "/%20/", "%2f%2f"]
TARGETS = ["outside.txt", "site-secret/file.txt", "applicationHost.config"]
HIDDEN_NAMES = [".hidden.txt", ".git/config", ".env", "web.config", "bin/code.txt", "App_Data/data.txt", "App_code/x.txt", "notes.config", "source.cs", "sub/.deep.txt", "sub/web.config",
                ".well-known/.inner.txt", "x.mdb"]
DISGUISES = ["{}", "{}/", "{}//", "{}/.", "{}.", "{}..", "{} ", "{}%20", "{}%00", "{}%00.txt", "{}::$DATA", "{}:x", "{}%3a%3a$DATA", "{}/x", "{};x", "{}%3bx", "{}?x", "{}%3fx", "{}#x", "{}%23x", "./{}",
             "%2e/{}", "x/../{}", "x%2f..%2f{}", "sub/../{}", "sub/..\\{}", "/{}", "\\{}", "%2f{}", "%5c{}", "SUB/../{}", "{}%09", "{}%0a", "{}%ff", "{}~1"]
DEVICES = ["con", "nul", "aux", "com1", "lpt1", "prn", "con.txt", "nul.txt", "COM1:", "nul:", "dev/null", "proc/self/environ", "proc/self/fd/0", "proc/self/root/etc/passwd", "dev/fd/0", "$MFT", "$Extend",
           "pipe.txt", "socket.txt", "sub::$INDEX_ALLOCATION/page.txt", "sub:$I30:$INDEX_ALLOCATION/", "public.txt::$DATA", "PUBLIC~1.TXT", "C:/windows/win.ini", "c%3a/windows/win.ini", "file:///etc/passwd",
           "\\\\server\\share\\x", "%5c%5c%3f%5cC:%5cx", "/etc/passwd", "etc/passwd", "%2fetc%2fpasswd", "~root/", "~/x", "%7eroot/x"]
LINKS = ["out.txt", "out/file.txt", "up/outside.txt", "root/etc/passwd", "chain.txt", "self/self/self/self", "proc/self/environ", "sub/back.txt", "dangling.txt", "out/", "up/", "root/", "abs-in.txt"]


def upper_variants(name):
    return {name.upper(), name.title(), name.swapcase()} - {name}


def encoded(name):
    return "".join(f"%{ord(c):02x}" for c in name)


def half_encoded(name):
    return "".join(f"%{ord(c):02X}" if index % 2 else c for index, c in enumerate(name))


def forms():
    """(kind, target): every target begins with a slash."""
    for up in UPS:
        for depth in (1, 3):
            for target in TARGETS:
                yield "traversal", "/" + (up + "/") * depth + target
                yield "traversal", "/sub/" + (up + "/") * (depth + 1) + target
    for slash in SLASHES:
        for up in ("..", "%2e%2e"):
            yield "separator", "/" + (up + slash) * 2 + "outside.txt"
            yield "separator", "/sub" + slash + (up + slash) * 3 + "outside.txt"
            yield "separator", slash + (up + slash) * 2 + "site-secret" + slash + "file.txt"
    for name in HIDDEN_NAMES:
        for disguise in DISGUISES:
            yield "hidden", "/" + disguise.format(name)
        for other in upper_variants(name):
            yield "case", "/" + other
        yield "encoded", "/" + encoded(name)
        yield "encoded", "/" + half_encoded(name)
        yield "encoded", "/" + encoded(encoded(name))
    for device in DEVICES:
        yield "device", "/" + device.lstrip("/") if not device.startswith(("/", "\\")) else device if device.startswith("/") else "/" + device
    for link in LINKS:
        yield "link", "/links/" + link
        yield "link", "/links/" + encoded(link)
        yield "link", "/sub/../links/" + link
    for absolute in ("http://test/../outside.txt", "http://test/%2e%2e/outside.txt", "http://test/.hidden.txt", "http://other/.git/config"):
        yield "absolute", absolute


class PathAttacks(ModuleTest):
    server_sections = "<directoryBrowse enabled=\"true\"/>" + '<staticContent><mimeMap fileExtension="." mimeType="text/plain"/><mimeMap fileExtension=".*" mimeType="text/plain"/></staticContent>'

    @classmethod
    def build(cls):
        root = cls.site_folder
        outside = cls.place.folder
        (outside / "outside.txt").write_text(OUTSIDE)
        (outside / "site-secret").mkdir()
        (outside / "site-secret/file.txt").write_text(OUTSIDE)
        files = {"public.txt": "public", "sub/page.txt": "a page", ".well-known/acme.txt": "acme", "plain": "plain"}
        files.update({name: HIDDEN for name in HIDDEN_NAMES if not name.endswith("web.config")})
        cls.folder(".", "", files)
        for folder in (root, root / "sub"):
            (folder / "web.config").write_text(f"<configuration><!-- {HIDDEN} --></configuration>")
        links = root / "links"
        links.mkdir()
        for name, target in {"out.txt": outside / "outside.txt", "out": outside / "site-secret", "up": outside, "root": "/", "chain.txt": "out.txt", "self": ".", "proc": "/proc",
                             "dangling.txt": "nowhere", "abs-in.txt": root / ".hidden.txt", "in.txt": "../public.txt"}.items():
            os.symlink(target, links / name)
        os.symlink("../../outside.txt", root / "sub/back.txt")
        os.symlink("../sub", links / "sub")
        os.mkfifo(root / "pipe.txt")
        outside.chmod(0o755)

    def test_the_table(self):
        table = list(dict.fromkeys(forms()))
        self.assertGreaterEqual(len(table), 300)
        counts, failures = {}, []
        for kind, target in table:
            if any(c in target for c in "\r\n\t ") or target.startswith("#"):
                target = target.replace(" ", "%20")
            target = target.split("#")[0]
            answer = self.server.request(target)
            counts[kind] = counts.get(kind, 0) + 1
            text = answer.body + "\n".join(f"{name}: {value}" for name, value in answer.headers).encode()
            if SECRET in text or b"root:x:0" in text or (answer.status == 200 and answer.body not in (b"public", b"a page", b"acme", b"plain") and b"<!DOCTYPE html>" not in answer.body):
                failures.append((kind, target, answer.status, answer.body[:100]))
            if answer.status >= 500:
                failures.append((kind, target, answer.status, b"an error of the server"))
        print(f"\n{len(table)} forms: {counts}")
        self.assertEqual(failures, [])
        self.assertEqual(self.server.get("/public.txt"), (200, "public"))

    def test_what_may_be_reached_is(self):
        for target, body in (("/public.txt", "public"), ("/sub/page.txt", "a page"), ("/sub/../public.txt", "public"), ("/%70ublic.txt", "public"), ("/.well-known/acme.txt", "acme"),
                             ("/links/in.txt", "public"), ("/links/sub/page.txt", "a page"), ("//public.txt", "public"), ("\\public.txt".replace("\\", "/%5c"), "public"), ("/plain", "plain")):
            self.assertEqual(self.server.get(target), (200, body), target)

    def test_listings_show_nothing_hidden_and_nothing_outside(self):
        for target in ("/", "/links/", "/sub/"):
            page = self.server.get(target)[1]
            for name in (".hidden", ".git", ".env", "web.config", "App_Data", ">bin", "notes.config", "source.cs", "out.txt", "root/", "proc", "pipe", "back.txt", "dangling"):
                self.assertNotIn(name, page, target)
        self.assertEqual(self.status("/.git/"), "404.9")


if __name__ == "__main__":
    unittest.main()
