"""StaticCompressionModule and DynamicCompressionModule."""
import gzip
import os
import subprocess
import unittest
import zlib

from module_test import ModuleTest, modules_without
from osmia_server import wait_for

TEXT = b"".join(b"line %d of a text that repeats itself\n" % (number % 50) for number in range(2000))


def decode(scheme, body):
    if scheme == "gzip":
        return gzip.decompress(body)
    if scheme == "deflate":
        return zlib.decompress(body)
    return subprocess.run([{"br": "brotli", "zstd": "zstd"}[scheme], "-dc"], input=body, capture_output=True, check=True).stdout


def encoding(value):
    return [("Accept-Encoding", value)]


class CompressionTest(ModuleTest):
    def until_compressed(self, target, accepted="gzip", headers=()):
        def ask():
            answer = self.server.request(target, headers=[*encoding(accepted), *headers])
            return answer if answer.header("Content-Encoding") else None

        return wait_for(ask, f"{target} compressed")

    def plain(self, target, headers=(), count=3, method="GET"):
        for _ in range(count):
            answer = self.server.request(target, method, headers=[*headers])
            self.assertIsNone(answer.header("Content-Encoding"), target)
        return answer


class Files(CompressionTest):
    server_sections = '<serverRuntime frequentHitThreshold="2" frequentHitTimePeriod="01:00:00"/>'

    @classmethod
    def build(cls):
        files = {"page.html": TEXT, "small.html": b"x" * 2699, "limit.html": b"x" * 2700, "page.bin": TEXT, "page.css": TEXT}
        cls.folder("on", "", files)
        cls.folder("off", '<urlCompression doStaticCompression="false"/>', files)
        cls.folder("absent", modules_without("StaticCompressionModule"), files, locked=True)
        for name, attributes in (("eager", 'staticCompressionIgnoreHitFrequency="true"'), ("large", 'minFileSizeForComp="100000"'),
                                 ("headers", 'sendCacheHeaders="true" expiresHeader="Thu, 01 Jan 1970 00:00:00 GMT" cacheControlHeader="max-age=7"'),
                                 ("lenient", 'noCompressionForHttp10="false" noCompressionForProxies="false" noCompressionForRange="false"'),
                                 ("busy", 'staticCompressionDisableCpuUsage="0" staticCompressionEnableCpuUsage="0"')):
            cls.folder(name, f"<httpCompression {attributes}/>", files)
        cls.folder("types", '<httpCompression><staticTypes><add mimeType="text/html" enabled="false"/></staticTypes></httpCompression>', files)
        cls.folder("levels", '<httpCompression><remove name="gzip"/><scheme name="gzip" staticCompressionLevel="1"/></httpCompression>', files)
        cls.folder("noscheme", '<httpCompression><remove name="gzip"/><scheme name="gzip" doStaticCompression="false"/></httpCompression>', files)
        cls.folder("default", "", {"index.html": TEXT})

    def test_each_scheme(self):
        for scheme in ("gzip", "br", "zstd"):
            answer = self.until_compressed("/on/page.html", scheme)
            self.assertEqual(answer.header("Content-Encoding"), scheme)
            self.assertEqual(decode(scheme, answer.body), TEXT)
            self.assertEqual((answer.framing, answer.header("Vary"), answer.header("Content-Type")), ("length", "Accept-Encoding", "text/html"))
            self.assertLess(len(answer.body), len(TEXT) // 5)
            self.assertTrue(answer.header("ETag").startswith('W/"'))

    def test_the_first_hit_is_served_as_it_is(self):
        answer = self.plain("/on/page.css", encoding("gzip"), 1)
        self.assertEqual((answer.body, answer.header("Vary")), (TEXT, "Accept-Encoding"))
        self.assertFalse(answer.header("ETag").startswith("W/"))
        self.until_compressed("/on/page.css")

    def test_quality_values(self):
        for scheme in ("gzip", "br", "zstd"):
            self.until_compressed("/on/page.html", scheme)
        for accepted, scheme in (("gzip;q=0.5, br;q=0.9", "br"), ("br;q=0, gzip", "gzip"), ("*", "gzip"), ("gzip;q=0, *", "br"), ("GZIP", "gzip"), ("identity;q=1, gzip;q=0.5", None),
                                 ("gzip;q=0", None), ("", None), ("gzip;q=nonsense", None), ("zstd;q=1.0, gzip;q=0.999", "zstd"), ("unknown", None)):
            self.assertEqual(self.server.request("/on/page.html", headers=encoding(accepted)).header("Content-Encoding"), scheme, accepted)

    def test_head_and_conditions(self):
        whole = self.until_compressed("/on/page.html")
        head = self.server.request("/on/page.html", "HEAD", encoding("gzip"))
        self.assertEqual((head.header("Content-Encoding"), head.header("Content-Length")), ("gzip", str(len(whole.body))))
        answer = self.server.request("/on/page.html", headers=[*encoding("gzip"), ("If-None-Match", whole.header("ETag"))])
        self.assertEqual(answer.status, 304)

    def test_sizes_and_types(self):
        self.plain("/on/small.html", encoding("gzip"), 4)
        self.until_compressed("/on/limit.html")
        self.plain("/large/page.html", encoding("gzip"), 4)
        self.assertIsNone(self.plain("/on/page.bin", encoding("gzip"), 4).header("Vary"))
        self.plain("/types/page.html", encoding("gzip"), 4)
        self.until_compressed("/types/page.css")

    def test_who_gets_none(self):
        self.until_compressed("/on/page.html")
        for headers in ([("Via", "1.1 proxy")], [("Range", "bytes=0-99999999")]):
            self.plain("/on/page.html", [*encoding("gzip"), *headers], 1)
        with self.server.connect() as connection:
            connection.send_head("/on/page.html", headers=encoding("gzip"), version="HTTP/1.0")
            self.assertIsNone(connection.read_answer().header("Content-Encoding"))
        self.until_compressed("/lenient/page.html", headers=[("Via", "1.1 proxy")])
        with self.server.connect() as connection:
            connection.send_head("/lenient/page.html", headers=encoding("gzip"), version="HTTP/1.0")
            self.assertEqual(connection.read_answer().header("Content-Encoding"), "gzip")
        answer = self.server.request("/lenient/page.html", headers=[*encoding("gzip"), ("Range", "bytes=0-4")])
        self.assertEqual((answer.status, answer.body, answer.header("Content-Encoding")), (206, TEXT[:5], None))

    def test_switches(self):
        for folder in ("off", "absent", "noscheme", "busy"):
            self.plain(f"/{folder}/page.html", encoding("gzip"), 4)
        self.plain("/eager/page.html", encoding("gzip"), 1)
        self.until_compressed("/eager/page.html")

    def test_cache_headers(self):
        answer = self.until_compressed("/headers/page.html")
        self.assertEqual((answer.header("Cache-Control"), answer.header("Expires")), ("max-age=7", "Thu, 01 Jan 1970 00:00:00 GMT"))

    def test_levels(self):
        fast, small = self.until_compressed("/levels/page.html").body, self.until_compressed("/on/page.html").body
        self.assertEqual(gzip.decompress(fast), TEXT)
        self.assertGreater(len(fast), len(small))

    def test_a_file_that_changes_is_compressed_anew(self):
        path = self.site_folder / "on/change.html"
        path.write_bytes(TEXT)
        self.until_compressed("/on/change.html")
        path.write_bytes(TEXT.upper())
        wait_for(lambda: gzip.decompress(self.until_compressed("/on/change.html").body) == TEXT.upper(), "the new content")

    def test_the_default_document(self):
        self.assertEqual(gzip.decompress(self.until_compressed("/default/").body), TEXT)


class Disk(CompressionTest):
    @classmethod
    def build(cls):
        cls.copies = cls.place.folder / "copies"
        cls.copies.mkdir()
        cls.copies.chmod(0o777)
        cls.server_sections = f'<httpCompression directory="{cls.copies}" maxDiskSpaceUsage="1" staticCompressionIgnoreHitFrequency="true"/>'
        cls.folder("on", "", {f"{number}.txt": os.urandom(300_000).hex()[:400_000].encode() for number in range(8)})

    def test_copies_lie_in_the_pools_folder_and_never_take_more_than_allowed(self):
        for number in range(8):
            self.until_compressed(f"/on/{number}.txt")
        folder = self.copies / "P"
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        sizes = [one.stat().st_size for one in folder.iterdir()]
        self.assertGreater(len(sizes), 1)
        self.assertLessEqual(sum(sizes), 1 << 20)


class Answers(CompressionTest):
    @classmethod
    def build(cls):
        for name, section in (("on", ""), ("off", '<urlCompression doDynamicCompression="false"/>'), ("busy", '<httpCompression dynamicCompressionDisableCpuUsage="0" dynamicCompressionEnableCpuUsage="0"/>'),
                              ("types", '<httpCompression><dynamicTypes><add mimeType="text/plain" enabled="false"/></dynamicTypes></httpCompression>'),
                              ("noscheme", '<httpCompression><remove name="gzip"/><scheme name="gzip" doDynamicCompression="false"/></httpCompression>')):
            cls.place.add_example("vars", "slow_stream", "transmit_file", folder=cls.folder(name, section))
        cls.folder("absent", modules_without("DynamicCompressionModule"), locked=True)
        cls.place.add_example("vars", folder=cls.site_folder / "absent")
        (cls.site_folder / "data.txt").write_bytes(TEXT)

    def test_each_scheme(self):
        plain = self.server.request("/on/vars.so").body
        for scheme in ("gzip", "br", "zstd"):
            answer = self.server.request("/on/vars.so", headers=encoding(scheme))
            self.assertEqual((answer.header("Content-Encoding"), answer.header("Vary")), (scheme, "Accept-Encoding"))
            body = decode(scheme, answer.body)
            self.assertIn(b"HTTP_ACCEPT_ENCODING", body)
            self.assertLess(len(answer.body), len(plain))

    def test_a_stream_stays_a_stream(self):
        with self.server.connect() as connection:
            connection.send_request("/on/slow_stream.so?lines=3&ms=200", headers=encoding("gzip"))
            answer = connection.read_head()
            self.assertEqual((answer.header("Content-Encoding"), answer.header("Content-Length")), ("gzip", None))
            unpack, text, count = zlib.decompressobj(31), b"", 0
            while size := int(connection.read_until(b"\r\n"), 16):
                text += unpack.decompress(connection.read_bytes(size))
                connection.read_bytes(2)
                count += 1
                if count == 1:
                    self.assertIn(b"line 1\n", text)
            self.assertTrue(unpack.eof)
            self.assertIn(b"line 3\n", text)

    def test_a_file_that_a_program_sends(self):
        answer = self.server.request("/on/transmit_file.so?file=/data.txt", headers=encoding("gzip"))
        if answer.header("Content-Encoding"):
            self.assertEqual(gzip.decompress(answer.body), TEXT)
        else:
            self.assertEqual(answer.body, TEXT)

    def test_who_gets_none(self):
        for target, headers in (("/on/vars.so", ()), ("/on/vars.so", [*encoding("gzip"), ("Via", "1.1 x")]), ("/off/vars.so", encoding("gzip")), ("/absent/vars.so", encoding("gzip")),
                                ("/types/vars.so", encoding("gzip")), ("/busy/vars.so", encoding("gzip")), ("/noscheme/vars.so", encoding("gzip"))):
            self.plain(target, headers, 1)

    def test_error_pages_too(self):
        answer = self.server.request("/on/nothing.html", headers=encoding("gzip"))
        self.assertEqual((answer.status, answer.header("Content-Encoding")), (404, "gzip"))
        self.assertIn(b"404", gzip.decompress(answer.body))

    def test_head(self):
        answer = self.server.request("/on/vars.so", "HEAD", encoding("gzip"))
        self.assertEqual((answer.status, answer.header("Vary")), (200, "Accept-Encoding"))


if __name__ == "__main__":
    unittest.main()
