"""DokuWiki from Debian's package through FastCgiModule: log in, write, upload, read; with a client of HTTP and, where it is installed, a real browser."""
import http.cookiejar
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid

from module_test import ModuleTest, has_package

SOURCE = pathlib.Path("/usr/share/dokuwiki")
PHP = "/usr/bin/php-cgi"
CHROMIUM = shutil.which("chromium")
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c636060600000000400015c0dc9dd0000000049454e44ae426082")


@unittest.skipUnless(has_package("dokuwiki") and has_package("php-cgi"), "Debian's dokuwiki and php-cgi are not installed")
class DokuWiki(ModuleTest):
    security = ""

    @classmethod
    def build(cls):
        wiki = cls.site_folder / "wiki"
        shutil.copytree(SOURCE, wiki, symlinks=False, ignore=shutil.ignore_patterns("install.php", ".htaccess*"), ignore_dangling_symlinks=True)
        conf, data = cls.place.folder / "conf", cls.place.folder / "data"
        shutil.copytree("/etc/dokuwiki", conf, symlinks=False, ignore=shutil.ignore_patterns("acl.auth.php", "users.auth.php", "preload.php"))
        shutil.copytree("/var/lib/dokuwiki/data", data)
        (wiki / "inc/preload.php").write_text(f"<?php if (!defined('DOKU_CONF')) define('DOKU_CONF', '{conf}/');")
        (conf / "local.php").write_text(f"<?php $conf['title'] = 'Osmia wiki'; $conf['savedir'] = '{data}'; $conf['useacl'] = 1; $conf['superuser'] = '@admin'; $conf['disableactions'] = '';")
        hashed = subprocess.run(["openssl", "passwd", "-1", "-salt", "abcdefgh", "secret"], capture_output=True, text=True, check=True).stdout.strip()
        (conf / "users.auth.php").write_text(f"admin:{hashed}:The Admin:admin@test:admin,user\n")
        (conf / "acl.auth.php").write_text("*\t@ALL\t1\n*\t@user\t8\n")
        for folder in (wiki, conf, data):
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o777 if path.is_dir() else 0o666)
        cls.server_sections = f'<fastCgi><application fullPath="{PHP}" stderrMode="IgnoreAndReturn200"/></fastCgi>'
        cls.folder("wiki", f"""<security><requestFiltering><hiddenSegments><add segment="inc"/><add segment="conf"/><add segment="data"/><add segment="vendor"/></hiddenSegments></requestFiltering></security>
            <defaultDocument><files><add value="index.php"/></files></defaultDocument>
            <handlers><add name="php" path="*.php" verb="*" modules="FastCgiModule" scriptProcessor="{PHP}" resourceType="File" requireAccess="Script" allowPathInfo="true"/></handlers>""", {"mark.txt": "x"})

    def setUp(self):
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.root = f"http://127.0.0.1:{self.server.port}/wiki/"

    def page(self, path="", form=None, headers=None):
        data = urllib.parse.urlencode(form).encode() if isinstance(form, dict) else form
        with self.opener.open(urllib.request.Request(self.root + path, data, headers or {}), timeout=60) as answer:
            return answer.read().decode("utf-8", "replace")

    def token(self, page):
        return re.search(r'name="sectok" value="([0-9a-f]*)"', page).group(1)

    def log_in(self):
        page = self.page("doku.php?id=start&do=login")
        page = self.page("doku.php?id=start", {"sectok": self.token(page), "id": "start", "do": "login", "u": "admin", "p": "secret"})
        self.assertIn("The Admin", page)
        return page

    def test_log_in_write_upload_read(self):
        self.assertIn("Osmia wiki", self.page())
        self.log_in()
        words = f"words {uuid.uuid4().hex} with ümlauts"
        form = self.page("doku.php?id=bees&do=edit")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        self.page("doku.php?id=bees", {**fields, "sectok": self.token(form), "id": "bees", "do[save]": "Save", "wikitext": f"====== Bees ======\n{words}", "summary": "s"})
        reader = urllib.request.build_opener()
        with reader.open(self.root + "doku.php?id=bees") as answer:
            self.assertIn(words, answer.read().decode())
        boundary = uuid.uuid4().hex
        manager = self.page("lib/exe/mediamanager.php?ns=")
        parts = {"sectok": self.token(manager), "ns": "", "mediaid": "bee.png", "ow": "true"}
        body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in parts.items())
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="upload"; filename="bee.png"\r\nContent-Type: image/png\r\n\r\n'.encode() + PNG + f"\r\n--{boundary}--\r\n".encode()
        self.page("lib/exe/mediamanager.php", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        with reader.open(self.root + "lib/exe/fetch.php?media=bee.png") as answer:
            self.assertEqual((answer.headers["Content-Type"], answer.read()), ("image/png", PNG))

    def test_its_inside_is_hidden(self):
        for path in ("inc/init.php", "conf/local.php", "vendor/autoload.php", "data/pages/start.txt"):
            self.assertEqual(self.status(f"/wiki/{path}"), "404.8", path)

    def test_a_wrong_password(self):
        page = self.page("doku.php?id=start&do=login")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.page("doku.php?id=start", {"sectok": self.token(page), "id": "start", "do": "login", "u": "admin", "p": "wrong"})
        with refused.exception as answer:
            self.assertEqual((answer.status, answer.reason), (403, "Login failed"))
            self.assertNotIn("The Admin", answer.read().decode())

    @unittest.skipUnless(CHROMIUM, "chromium is not installed")
    def test_a_browser_logs_in_and_reads(self):
        self.log_in()
        form = self.page("doku.php?id=seen&do=edit")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        self.page("doku.php?id=seen", {**fields, "sectok": self.token(form), "id": "seen", "do[save]": "Save", "wikitext": "====== Seen ======\nby a browser", "summary": "s"})
        login = f'<form id=f method=post action="{self.root}doku.php?id=seen"><input name=id value=seen><input name=do value=login><input name=u value=admin><input name=p value=secret></form><script>f.submit()</script>'
        (self.site_folder / "login.html").write_text(login)
        with tempfile.TemporaryDirectory() as profile:
            def dump(url):
                command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--virtual-time-budget=15000", "--dump-dom", url]
                return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env={**os.environ, "HOME": profile}).stdout

            page = dump(f"http://127.0.0.1:{self.server.port}/login.html")
        self.assertIn("by a browser", page)
        self.assertIn("The Admin", page)
        self.assertIn("dokuwiki__site", page)


if __name__ == "__main__":
    unittest.main()
