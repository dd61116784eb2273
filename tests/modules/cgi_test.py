"""CgiModule: Perl, a shell script, php-cgi, time-outs and what is no response."""
import hashlib
import os
import unittest

from module_test import ModuleTest, has_package

PERL = {
    "hello.pl": 'print "Content-Type: text/plain\\nX-Own: yes\\n\\nhello from perl\\n";',
    "vars.pl": 'print "Content-Type: text/plain\\r\\n\\r\\n"; print "$_=$ENV{$_}\\n" for sort keys %ENV;',
    "post.pl": 'use Digest::MD5; binmode STDIN; my ($d, $n, $b) = (Digest::MD5->new, 0); while (my $got = read(STDIN, $b, 65536)) { $d->add($b); $n += $got; }'
               ' print "Content-Type: text/plain\\n\\n", $d->hexdigest, " $n\\n";',
    "status.pl": 'print "Status: 404 Gone Fishing\\nContent-Type: text/plain\\n\\nown page";',
    "moved.pl": 'print "Location: /elsewhere\\n\\n";',
    "sleep.pl": "sleep 600;",
    "bad.pl": 'print "this is no head\\n\\nbody";',
    "nothing.pl": "exit 0;",
    "half.pl": 'print "Content-Type: text/plain\\n";',
    "big.pl": 'print "Content-Type: text/plain\\n\\n"; print "x" x 10000 for 1 .. 2000;',
    "early.pl": 'close STDIN; print "Content-Type: text/plain\\n\\ndone";',
}


def handler(processor, path):
    process = f'scriptProcessor="{processor}"' if processor else ""
    return f'<add name="{path}" path="{path}" verb="*" modules="CgiModule" {process} resourceType="File" requireAccess="Script" allowPathInfo="true"/>'


class Cgi(ModuleTest):
    opened = ("cgi",)
    restriction = '<isapiCgiRestriction notListedCgisAllowed="true"><add path="/usr/bin/false" allowed="false"/></isapiCgiRestriction>'

    @classmethod
    def build(cls):
        cls.folder("cgi", "<handlers>" + handler("/usr/bin/perl", "*.pl") + handler("", "*.cgi") + handler("/usr/bin/false", "*.no")
                   + handler("/usr/bin/php-cgi", "*.php") + "</handlers>",
                   {**PERL, "direct.cgi": "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\npwd\n", "plain.cgi": "not executable", "x.no": "", "page.php": "<?php echo PHP_SAPI;"})
        (cls.site_folder / "cgi/direct.cgi").chmod(0o755)
        cls.folder("quick", '<cgi timeout="00:00:01"/><handlers>' + handler("/usr/bin/perl", "*.pl") + "</handlers>", PERL)

    def test_perl(self):
        answer = self.server.request("/cgi/hello.pl")
        self.assertEqual((answer.status, answer.body, answer.header("X-Own")), (200, b"hello from perl\n", "yes"))

    def test_variables(self):
        body = self.server.request("/cgi/vars.pl/more?q=1", headers=[("X-Some", "thing"), ("Proxy", "evil")]).body.decode()
        values = dict(line.split("=", 1) for line in body.splitlines() if "=" in line)
        for name, value in {"GATEWAY_INTERFACE": "CGI/1.1", "PATH_INFO": "/more", "QUERY_STRING": "q=1", "HTTP_X_SOME": "thing", "SCRIPT_NAME": "/cgi/vars.pl"}.items():
            self.assertEqual(values.get(name), value, name)
        self.assertNotIn("HTTP_PROXY", values)
        self.assertNotIn("CONTENT_LENGTH", values)

    def test_a_script_of_its_own_runs_in_its_folder(self):
        self.assertEqual(self.server.get("/cgi/direct.cgi"), (200, f"{self.site_folder}/cgi\n"))
        self.assertEqual(self.status("/cgi/plain.cgi"), "502")

    def test_bodies(self):
        data = os.urandom(3_000_000)
        for size in (0, 1, 65536, 3_000_000):
            answer = self.server.request("/cgi/post.pl", "POST", body=data[:size])
            self.assertEqual(answer.body.decode(), f"{hashlib.md5(data[:size]).hexdigest()} {size}\n")
        with self.server.connect() as connection:
            connection.send_chunked("/cgi/post.pl", data)
            self.assertEqual(connection.read_answer("POST").body.decode(), f"{hashlib.md5(data).hexdigest()} {len(data)}\n")

    def test_large_answers(self):
        self.assertEqual(len(self.server.request("/cgi/big.pl").body), 20_000_000)

    def test_status_and_redirect(self):
        answer = self.server.request("/cgi/status.pl")
        self.assertEqual((answer.status, answer.reason, answer.body), (404, "Gone Fishing", b"own page"))
        answer = self.server.request("/cgi/moved.pl")
        self.assertEqual((answer.status, answer.header("Location")), (302, "/elsewhere"))

    def test_a_program_that_takes_too_long(self):
        self.assertEqual(self.status("/quick/sleep.pl"), "502.1")
        self.assertEqual(self.status("/quick/hello.pl"), "200")

    def test_what_is_no_response(self):
        for script in ("bad", "nothing", "half"):
            self.assertEqual(self.status(f"/cgi/{script}.pl"), "502.2", script)

    def test_a_program_that_does_not_read_its_body(self):
        self.assertEqual(self.server.request("/cgi/early.pl", "POST", body=b"x" * 1_000_000).body, b"done")

    def test_what_is_not_allowed_does_not_run(self):
        self.assertEqual(self.status("/cgi/x.no"), "404.2")

    @unittest.skipUnless(has_package("php-cgi"), "php-cgi is not installed: tools/setup tests")
    def test_php(self):
        self.assertEqual(self.server.get("/cgi/page.php"), (200, "cgi-fcgi"))


if __name__ == "__main__":
    unittest.main()
