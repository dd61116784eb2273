"""StaticFileModule: ranges, conditions in the order of RFC 9110 section 13.2.2, validators, client cache, what is not served."""
import os
import unittest

from module_test import ModuleTest, modules_without
from osmia_server import wait_for

DATA = bytes(range(256)) * 400  # 102400 bytes
SMALL = b"0123456789"
THEN, BEFORE, AFTER = "Thu, 01 Jan 2015 00:00:00 GMT", "Wed, 31 Dec 2014 23:59:59 GMT", "Thu, 01 Jan 2015 00:00:01 GMT"
STAMP = 1420070400


class StaticFile(ModuleTest):
    @classmethod
    def build(cls):
        for name, section in (("plain", ""), ("disable", '<staticContent><clientCache cacheControlMode="DisableCache"/></staticContent>'),
                              ("age", '<staticContent><clientCache cacheControlMode="UseMaxAge" cacheControlMaxAge="00:01:00" cacheControlCustom="public"/></staticContent>'),
                              ("expires", f'<staticContent><clientCache cacheControlMode="UseExpires" httpExpires="{THEN}"/></staticContent>'),
                              ("noetag", '<staticContent><clientCache setEtag="false"/></staticContent>'),
                              ("map", '<staticContent><mimeMap fileExtension=".own" mimeType="x/y"/><remove fileExtension=".txt"/></staticContent>')):
            folder = cls.folder(name, section, {"small.txt": SMALL, "large.txt": DATA, "empty.txt": b"", "x.own": b"own", "x.unknown": b"?", ".hidden.txt": b"h", ".well-known/x.txt": b"w"})
            for file in folder.glob("*.txt"):
                os.utime(file, (STAMP, STAMP))
        cls.folder("absent", modules_without("StaticFileModule"), locked=True)

    def ask(self, target, method="GET", **headers):
        return self.server.request(target, method, [(name.replace("_", "-"), value) for name, value in headers.items()])

    def test_one_range(self):
        for wanted, first, last in (("0-0", 0, 0), ("2-5", 2, 5), ("5-", 5, 9), ("-3", 7, 9), ("0-99", 0, 9), ("-99", 0, 9), (" 2-5 ", 2, 5)):
            answer = self.ask("/plain/small.txt", Range="bytes=" + wanted)
            self.assertEqual((answer.status, answer.body, answer.header("Content-Range"), answer.header("Content-Type")), (206, SMALL[first:last + 1], f"bytes {first}-{last}/10", "text/plain"), wanted)

    def test_ranges_that_are_none(self):
        for wanted in ("bytes=5-2", "bytes=a-b", "lines=1-2", "bytes", "bytes=", "bytes=--1", "bytes=1-2-3", "bytes=,", "bytes=0-1,x-y", "bytes=" + ",".join(f"{n}-{n}" for n in range(40))):
            answer = self.ask("/plain/small.txt", Range=wanted)
            self.assertEqual((answer.status, answer.body), (200, SMALL), wanted)
        for wanted in ("bytes=10-", "bytes=10-20", "bytes=-0", "bytes=20-30,40-50"):
            answer = self.ask("/plain/small.txt", Range=wanted)
            self.assertEqual((answer.status, answer.header("Content-Range")), (416, "bytes */10"), wanted)
        self.assertEqual(self.ask("/plain/empty.txt", Range="bytes=0-0").status, 416)

    def parts(self, answer):
        kind, _, boundary = answer.header("Content-Type").partition("; boundary=")
        self.assertEqual((answer.status, kind), (206, "multipart/byteranges"))
        self.assertTrue(answer.body.endswith(f"\r\n--{boundary}--\r\n".encode()))
        found = []
        for part in answer.body[:-len(boundary) - 8].split(f"\r\n--{boundary}\r\n".encode())[1:]:
            head, _, body = part.partition(b"\r\n\r\n")
            found.append((head.decode().split("\r\n"), body))
        return found

    def test_several_ranges(self):
        for target, data in (("/plain/small.txt", SMALL), ("/plain/large.txt", DATA)):
            size = len(data)
            answer = self.ask(target, Range=f"bytes=0-1, 4-5 ,-2, {size}-")
            self.assertEqual(self.parts(answer), [([f"Content-Type: text/plain", f"Content-Range: bytes {a}-{b}/{size}"], data[a:b + 1]) for a, b in ((0, 1), (4, 5), (size - 2, size - 1))])
            self.assertEqual(answer.framing, "length")
        head = self.ask("/plain/small.txt", "HEAD", Range="bytes=0-1,4-5")
        self.assertEqual((head.status, head.body), (200, b""))  # RFC 9110 section 14.2: Range is for GET
        answer = self.ask("/plain/small.txt", Range="bytes=0-1,90-")
        self.assertEqual((answer.status, answer.body, answer.header("Content-Range")), (206, b"01", "bytes 0-1/10"))

    def test_ranges_that_overlap_much_are_the_whole_file(self):
        answer = self.ask("/plain/large.txt", Range="bytes=" + ",".join(["0-"] * 10))
        self.assertEqual((answer.status, len(answer.body)), (200, len(DATA)))

    def test_conditions(self):
        etag = self.ask("/plain/small.txt").header("ETag")
        self.assertRegex(etag, r'^"[0-9a-f]+:[0-9a-f]+"$')
        for expected, headers in (
                (200, {"If_Match": etag}), (200, {"If_Match": "*"}), (412, {"If_Match": '"other"'}), (200, {"If_Match": f'"other", {etag}'}), (412, {"If_Match": "W/" + etag}),
                (304, {"If_None_Match": etag}), (304, {"If_None_Match": "W/" + etag}), (304, {"If_None_Match": "*"}), (200, {"If_None_Match": '"other"'}), (304, {"If_None_Match": f'"x","y" , {etag}'}),
                (304, {"If_Modified_Since": THEN}), (304, {"If_Modified_Since": AFTER}), (200, {"If_Modified_Since": BEFORE}), (200, {"If_Modified_Since": "nonsense"}),
                (200, {"If_Unmodified_Since": THEN}), (412, {"If_Unmodified_Since": BEFORE}), (200, {"If_Unmodified_Since": "nonsense"}),
                (200, {"If_Match": etag, "If_Unmodified_Since": BEFORE}), (200, {"If_None_Match": '"other"', "If_Modified_Since": AFTER}), (304, {"If_None_Match": etag, "If_Modified_Since": BEFORE}),
                (412, {"If_Match": '"other"', "If_None_Match": etag}), (304, {"If_Match": etag, "If_None_Match": etag}), (412, {"If_Unmodified_Since": BEFORE, "If_None_Match": etag})):
            answer = self.ask("/plain/small.txt", **headers)
            self.assertEqual(answer.status, expected, headers)
            if expected == 304:
                self.assertEqual((answer.body, answer.header("ETag"), answer.header("Last-Modified")), (b"", etag, THEN))

    def test_if_range(self):
        etag = self.ask("/plain/small.txt").header("ETag")
        for expected, validator in ((206, etag), (206, THEN), (200, '"other"'), (200, "W/" + etag), (200, BEFORE), (200, AFTER), (200, "nonsense")):
            self.assertEqual(self.ask("/plain/small.txt", Range="bytes=0-1", If_Range=validator).status, expected, validator)
        self.assertEqual(self.ask("/plain/small.txt", Range="bytes=0-1", If_None_Match=etag).status, 304)

    def test_the_etag_changes_with_the_file(self):
        path = self.site_folder / "plain/change.txt"
        tags = set()
        for content, stamp in ((b"a", 1), (b"b", 2), (b"bb", 2)):
            path.write_bytes(content)
            os.utime(path, (stamp, stamp))
            # A worker looks at a file again within a second.
            wait_for(lambda: self.ask("/plain/change.txt").body == content, content)
            tags.add(self.ask("/plain/change.txt").header("ETag"))
        self.assertEqual(len(tags), 3)

    def test_client_cache(self):
        for folder, cache, expires in (("plain", None, None), ("disable", "no-cache", None), ("age", "max-age=60,public", None), ("expires", None, THEN)):
            answer = self.ask(f"/{folder}/small.txt")
            self.assertEqual((answer.header("Cache-Control"), answer.header("Expires")), (cache, expires), folder)
        self.assertIsNone(self.ask("/noetag/small.txt").header("ETag"))

    def test_types_and_methods(self):
        self.assertEqual(self.ask("/map/x.own").header("Content-Type"), "x/y")
        self.assertEqual(self.status("/map/small.txt"), "404.3")
        self.assertEqual(self.status("/plain/x.unknown"), "404.3")
        answer = self.server.request("/plain/small.txt", "POST", body=b"x")
        self.assertEqual((answer.status, answer.header("Allow")), (405, "GET, HEAD"))

    def test_hidden_files(self):
        self.assertEqual(self.status("/plain/.hidden.txt"), "404.9")
        self.assertEqual(self.status("/plain/.nothing"), "404")
        self.assertEqual(self.server.get("/plain/.well-known/x.txt"), (200, "w"))

    def test_without_the_module(self):
        self.assertEqual(self.status("/absent/page.html"), "500.21")


if __name__ == "__main__":
    unittest.main()
