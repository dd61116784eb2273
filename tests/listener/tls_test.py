"""https with the real programs: certificates, names, protocols, files that change, what applications see, sslscan."""
import os
import re
import socket
import ssl
import subprocess
import unittest

from http_client import Connection
from osmia_server import PATIENCE, ServerTest, pool, site, wait_for

HSTS = '<hsts enabled="true" max-age="300" includeSubDomains="true" {}/>'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder, name, days=90, joined=False):
    """FOLDER/NAME.pem and, unless \\a joined, NAME.key, self-signed."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / f"{name}.key",
                    "-out", folder / f"{name}.pem", "-days", str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"],
                   check=True, capture_output=True)
    if joined:
        with open(folder / f"{name}.pem", "ab") as pem:
            pem.write((folder / f"{name}.key").read_bytes())
        os.unlink(folder / f"{name}.key")
    for path in folder.glob(f"{name}.*"):
        path.chmod(0o644)
    return folder / f"{name}.pem"


class TlsServerTest(ServerTest):
    """A site on https bindings, and clients for it."""

    def setUp(self):
        super().setUp()
        self.folder = self.place.folder / "certificates"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.place.add_example("hello", "vars")
        (self.place.site / "big.bin").write_bytes(os.urandom(3_000_000))
        self.port = free_port()

    def write(self, hosts, certificates="", more="", http=True):
        """A site on the https bindings of \\a hosts and, with \\a http, on a port of the system's choice."""
        bindings = "".join(f'<binding protocol="https" bindingInformation="127.0.0.1:{self.port}:{host}" sslFlags="{flags}"/>' for host, flags in hosts)
        text = site("S", 1, "P", self.place.site, more=more).replace("</bindings>", bindings + "</bindings>")
        if not http:
            text = re.sub(r'<binding protocol="http" [^>]*/>', "", text)
        return self.configure([pool("P")], [text],
                              more=f'<system.osmia><certificates folder="{self.folder}">{certificates}</certificates></system.osmia>')

    def start(self, *arguments, **options):
        server = self.serve("--config", self.write(*arguments, **options))
        server.wait_line(r"Listening on .*https://")
        return server

    def context(self, name=None):
        context = ssl.create_default_context(cafile=self.folder / f"{name}.pem") if name else ssl.create_default_context()
        if not name:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def connect(self, name="localhost", context=None):
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        try:
            return (context or self.context(name)).wrap_socket(plain, server_hostname=name)
        except BaseException:
            plain.close()
            raise

    def curl(self, *arguments):
        return subprocess.run(["curl", "-s", "-k", "--max-time", "20", *arguments], capture_output=True)

    def get(self, target, *arguments, http="--http1.1"):
        done = self.curl(http, *arguments, f"https://127.0.0.1:{self.port}{target}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def serial(self, name="localhost"):
        """The serial number of the certificate that is shown now."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        with self.context().wrap_socket(plain, server_hostname=name) as tls:
            der = tls.getpeercert(True)
        return subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-serial"], input=der, capture_output=True, check=True).stdout


class TlsTest(TlsServerTest):
    def test_answers_whole_and_tells_the_application(self):
        make_certificate(self.folder, "127.0.0.1", joined=True)
        server = self.start([("", 0)])
        self.assertEqual(self.get("/hello.so"), b"Hello, world!\n")
        self.assertEqual(self.get("/big.bin"), (self.place.site / "big.bin").read_bytes())
        variables = dict(line.split("=", 1) for line in self.get("/vars.so").decode().splitlines() if "=" in line)
        for name, value in {"HTTPS": "on", "SERVER_PORT_SECURE": "1", "HTTPS_KEYSIZE": "256", "HTTPS_SECRETKEYSIZE": "256", "CERT_KEYSIZE": "256",
                            "CERT_SERVER_SUBJECT": "CN=127.0.0.1", "HTTPS_SERVER_ISSUER": "CN=127.0.0.1", "SERVER_PORT": str(self.port),
                            "CERT_SUBJECT": ""}.items():
            self.assertEqual(variables[name], value, name)
        self.assertTrue(variables["CACHE_URL"].startswith("https://"))
        port = int(server.find_line(r"http://127.0.0.1:(\d+)/").group(1))
        with Connection(port) as plain:
            body = plain.request("/vars.so").body.decode()
        self.assertIn("HTTPS=off", body)
        self.assertIn("CERT_SERVER_SUBJECT=\n", body)

    def test_a_big_upload_and_a_slow_reader(self):
        make_certificate(self.folder, "127.0.0.1", joined=True)
        self.place.add_example("md5_post")
        self.start([("", 0)])
        data = self.place.folder / "upload"
        data.write_bytes(os.urandom(5_000_000))
        digest = subprocess.run(["md5sum", data], capture_output=True, check=True).stdout.split()[0]
        self.assertIn(digest, self.get("/md5_post.so", "--data-binary", f"@{data}"))
        with self.connect("127.0.0.1") as tls:
            tls.sendall(b"GET /big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            received = b""
            while piece := tls.recv(7001):
                received += piece
        self.assertEqual(received.partition(b"\r\n\r\n")[2], (self.place.site / "big.bin").read_bytes())

    def test_sni_selects_the_certificate(self):
        for name in ("a.example.org", "b.example.org"):
            make_certificate(self.folder, name, joined=True)
        make_certificate(self.folder, "_.wild.example.org", joined=True)
        self.start([("a.example.org", 1), ("b.example.org", 1), ("*.wild.example.org", 0)])
        for name in ("a.example.org", "b.example.org"):
            with self.connect(name) as tls:  # verified against its own certificate
                tls.sendall(b"GET /hello.so HTTP/1.1\r\nHost: " + name.encode() + b"\r\nConnection: close\r\n\r\n")
                self.assertTrue(tls.recv(100).startswith(b"HTTP/1.1 200 "))
        self.assertNotEqual(self.serial("a.example.org"), self.serial("b.example.org"))
        self.serial("x.wild.example.org")
        with self.assertRaises(ssl.SSLError):
            self.serial("other.example.org")

    def test_check_and_serve_name_the_missing_file(self):
        path = self.write([("www.example.org", 0)])
        done = subprocess.run([self.place.bin / "osmia", "check", "--config", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.folder}/www.example.org.pem", done.stderr)
        self.assertIn(f"{self.folder}/www.example.org.pfx", done.stderr)
        server = self.serve("--config", path)
        self.assertNotEqual(server.process.wait(PATIENCE), 0)
        make_certificate(self.folder, "www.example.org", joined=True)
        done = subprocess.run([self.place.bin / "osmia", "check", "--config", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_changed_file_is_used_and_a_broken_one_is_not(self):
        pem = make_certificate(self.folder, "localhost", joined=True)
        server = self.start([("localhost", 0)])
        before = self.serial()
        with self.connect() as kept:
            make_certificate(self.folder, "localhost", joined=True)
            wait_for(lambda: self.serial() != before, "the new certificate")
            kept.sendall(b"GET /hello.so HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(kept.recv(100).startswith(b"HTTP/1.1 200 "), "connections live on")
        new = self.serial()
        pem.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
        server.wait_line(r"localhost.pem cannot be used: .*the certificate before stays in use")
        self.assertEqual(self.serial(), new)
        listed, = server.json("list", "certificates")
        self.assertEqual(listed["state"], "outdated")
        self.assertNotEqual(listed["problem"], "")
        make_certificate(self.folder, "localhost", joined=True)
        wait_for(lambda: server.json("list", "certificates")[0]["state"] == "used", "the mended file")

    def test_lists_certificates_and_tells_of_one_that_ends_soon(self):
        make_certificate(self.folder, "soon.example.org", days=29, joined=True)
        make_certificate(self.folder, "late.example.org", days=60)
        late = self.folder / "late.example.org"
        entry = f'<add binding="127.0.0.1:{self.port}:late.example.org" file="{late}.pem" keyFile="{late}.key"/>'
        server = self.start([("soon.example.org", 0), ("late.example.org", 0)], entry)
        server.wait_line(r"soon.example.org.pem expires in 2[89] days")
        self.assertIsNone(server.find_line(r"late.example.org.*expires"))
        listed = {one["binding"].rsplit(":", 1)[1]: one for one in server.json("list", "certificates")}
        self.assertEqual({one["state"] for one in listed.values()}, {"used"})
        self.assertEqual(listed["late.example.org"]["subject"], "CN=late.example.org")
        self.assertEqual(listed["late.example.org"]["names"], "late.example.org 127.0.0.1")
        self.assertIn(listed["late.example.org"]["daysLeft"], (59, 60))
        self.assertIn("late.example.org", server.osmia("list", "certificates").stdout)

    def test_hsts_and_redirect(self):
        make_certificate(self.folder, "127.0.0.1", joined=True)
        server = self.start([("", 0)], more=HSTS.format('redirectHttpToHttps="true"'))
        self.assertIn(b"\r\nStrict-Transport-Security: max-age=300; includeSubDomains\r\n", self.get("/hello.so", "-i"))
        plain = int(server.find_line(r"http://127.0.0.1:(\d+)/").group(1))
        with Connection(plain) as connection:  # which stays open
            for method in ("GET", "HEAD", "GET"):
                answer = connection.request("/x", method)
                self.assertEqual(answer.status, 301)
        answer = self.curl("-i", f"http://127.0.0.1:{plain}/a%20b?c=d").stdout
        self.assertTrue(answer.startswith(b"HTTP/1.1 301 "), answer)
        self.assertIn(f"\r\nLocation: https://127.0.0.1:{self.port}/a%20b?c=d\r\n".encode(), answer)
        self.assertNotIn(b"Strict-Transport-Security", answer, "RFC 6797 section 7.2")
        followed = self.curl("-L", f"http://127.0.0.1:{plain}/hello.so")
        self.assertEqual(followed.stdout, b"Hello, world!\n")

    def test_resumes_sessions_and_gives_no_early_data(self):
        make_certificate(self.folder, "localhost", joined=True)
        self.start([("localhost", 0)])
        context = self.context("localhost")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.connect(context=context) as first:
            session = first.session
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as second:
            self.assertTrue(second.session_reused)
        shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", "localhost", "-tls1_3"],
                               input=b"GET /hello.so HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", capture_output=True).stdout
        self.assertIn(b"TLSv1.3", shown)
        self.assertNotRegex(shown, rb"Max Early Data: [1-9]")

    def test_sslscan_finds_nothing_weak(self):
        make_certificate(self.folder, "127.0.0.1", joined=True)
        self.start([("", 0)])
        report = subprocess.run(["sslscan", "--no-colour", f"127.0.0.1:{self.port}"], capture_output=True, text=True, check=True).stdout
        for version in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"):
            self.assertRegex(report, rf"{version}\s+disabled")
        for version in ("TLSv1.2", "TLSv1.3"):
            self.assertRegex(report, rf"{version}\s+enabled")
        suites = re.findall(r"(?:Accepted|Preferred)\s+(\S+)\s+(\d+) bits\s+(\S+)", report)
        self.assertGreaterEqual(len(suites), 6)
        for version, bits, suite in suites:
            self.assertGreaterEqual(int(bits), 128)
            self.assertRegex(suite, r"GCM|POLY1305")
            self.assertTrue(version == "TLSv1.3" or suite.startswith("ECDHE-"), suite)
        self.assertIn("Session renegotiation not supported", report)
        self.assertNotIn("vulnerable to heartbleed\n", report.replace("not vulnerable to heartbleed\n", ""))

    def test_whatever_is_no_handshake_is_cut_and_harms_nobody(self):
        make_certificate(self.folder, "localhost", joined=True)
        server = self.start([("localhost", 0)])
        pid = server.status()["listenerPid"]
        for data in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"\x16\x03\x01\xff\xff" + b"x" * 70000, b"\x15\x03\x01\x00\x02\x02\x28",
                     bytes(range(256)) * 4):
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as plain:
                plain.sendall(data)
                plain.shutdown(socket.SHUT_WR)
                received = b""
                try:
                    while piece := plain.recv(65536):
                        received += piece
                except ConnectionResetError:
                    pass
                self.assertNotIn(b"HTTP/", received)
        with self.connect() as tls:
            tls.sendall(b"GET /hello.so HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(tls.recv(100).startswith(b"HTTP/1.1 200 "))
        self.assertEqual(server.status()["listenerPid"], pid)

    def test_tls_maps_nothing_that_was_not_linked(self):
        make_certificate(self.folder, "localhost", joined=True)
        server = self.start([("localhost", 0)])
        for _ in range(3):
            self.serial()
        with self.assertRaises(ssl.SSLError):
            self.serial("unknown.example.org")
        pid = server.status()["listenerPid"]
        listed = subprocess.run(["ldd", os.readlink(f"/proc/{pid}/exe")], capture_output=True, text=True, check=True).stdout
        linked = {os.path.realpath(path) for path in re.findall(r"(/\S+) \(0x", listed)} | {os.path.realpath(f"/proc/{pid}/exe"), "[vdso]", "[vsyscall]"}
        with open(f"/proc/{pid}/maps") as maps:
            mapped = {(line.split(None, 5) + ["anonymous"])[5].strip() for line in maps if "x" in line.split()[1]}
        self.assertLessEqual({path if path.startswith("[") else os.path.realpath(path) for path in mapped}, linked)

    def test_a_new_listener_has_the_certificates(self):
        make_certificate(self.folder, "localhost", joined=True)
        server = self.start([("localhost", 0)])
        before = self.serial()
        pid = server.status()["listenerPid"]
        os.kill(pid, 9)
        wait_for(lambda: server.status()["listenerPid"] not in (pid, -1), "a new listener")
        self.assertEqual(self.serial(), before)


if __name__ == "__main__":
    unittest.main()
