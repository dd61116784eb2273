"""HTTP/2 frame by frame against the real listener: the rows of http2_cases.json, described in http2_cases.md."""
import json
import pathlib
import socket
import struct
import unittest

from osmia_server import PATIENCE, ServerTest

TYPES = {"DATA": 0, "HEADERS": 1, "PRIORITY": 2, "RST_STREAM": 3, "SETTINGS": 4, "PUSH_PROMISE": 5, "PING": 6, "GOAWAY": 7, "WINDOW_UPDATE": 8,
         "CONTINUATION": 9, "PRIORITY_UPDATE": 16, "UNKNOWN": 66}
CODES = ["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM",
         "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"]
FLAGS = {"E": 1, "H": 4, "P": 8, "R": 32}
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def fields(method, path="/hello.so", **more):
    return [(":method", method), (":scheme", "http"), (":authority", "test"), (":path", path), *more.items()]


BLOCKS = {"get": fields("GET"), "page": fields("GET", "/page.html"), "big": fields("GET", "/big.bin"), "head": fields("HEAD", "/page.html"),
          "post": fields("POST", "/md5_post.so"), "options": fields("OPTIONS", "*"), "crash": fields("GET", "/crash.so?how=null"),
          "slow": fields("GET", "/slow_stream.so?lines=100000&ms=10"), "slowpost": fields("POST", "/slow_stream.so?lines=100000&ms=10"), "none": fields("GET", "/nothing"), "trailers": []}
LAST_PING = b"\xfe\xed\xfe\xed\xfe\xed\xfe\xed"


def length_prefix(size, prefix_bits, first):
    most = (1 << prefix_bits) - 1
    if size < most:
        return bytes([first | size])
    out, size = bytes([first | most]), size - most
    while size >= 128:
        out, size = out + bytes([size % 128 + 128]), size // 128
    return out + bytes([size])


def encode(pairs):
    """Literals without indexing: RFC 7541 section 6.2.2."""
    out = b""
    for name, value in pairs:
        name, value = name.encode("latin-1"), value.encode("latin-1")
        out += b"\0" + length_prefix(len(name), 7, 0) + name + length_prefix(len(value), 7, 0) + value
    return out


class Decoder:
    """Enough of HPACK to read statuses: static names, literals, Huffman codes left as they are."""
    STATUS = {8: "200", 9: "204", 10: "206", 11: "304", 12: "400", 13: "404", 14: "500"}

    def __init__(self):
        self.dynamic = []

    @staticmethod
    def integer(data, at, bits):
        value = data[at] & ((1 << bits) - 1)
        at += 1
        if value < (1 << bits) - 1:
            return value, at
        shift = 0
        while True:
            value, more, shift, at = value + ((data[at] & 127) << shift), data[at] & 128, shift + 7, at + 1
            if not more:
                return value, at

    def text(self, data, at):
        huffman = data[at] & 128
        size, at = self.integer(data, at, 7)
        return (huffman, data[at:at + size]), at + size

    # The digits' Huffman codes (RFC 7541 appendix B): 0-2 have five bits, 3-9 six.
    DIGITS = {"00000": "0", "00001": "1", "00010": "2", "011001": "3", "011010": "4", "011011": "5", "011100": "6", "011101": "7", "011110": "8", "011111": "9"}

    def digits(self, text):
        huffman, raw = text
        if not huffman:
            return raw.decode("latin-1")
        bits, out = "".join(f"{byte:08b}" for byte in raw), ""
        while bits:
            found = next((code for code in self.DIGITS if bits.startswith(code)), None)
            if found is None:
                return out
            out, bits = out + self.DIGITS[found], bits[len(found):]
        return out

    def status(self, data):
        """The status of a block. The listener sends it first, so nothing else needs to be understood for it."""
        at = 0
        while at < len(data) and data[at] & 0xe0 == 0x20:  # table size updates
            _, at = self.integer(data, at, 5)
        if data[at] & 0x80:
            index, _ = self.integer(data, at, 7)
            if index in self.STATUS:
                return self.STATUS[index]
            return f"index {index}"
        bits = 6 if data[at] & 0x40 else 4
        index, at = self.integer(data, at, bits)
        if index == 0:
            _, at = self.text(data, at)
        value, at = self.text(data, at)
        return self.digits(value)


class FrameClient:
    def __init__(self, port, bare=False):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seen, self.claimed, self.got_data = [], None, {}
        self.buffer = b""
        if not bare:
            self.send(PREFACE + self.frame("SETTINGS", 0, 0, b""))

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has said what it thinks of it

    def frame(self, kind, flags, stream, payload):
        size = len(payload) if self.claimed is None else self.claimed
        self.claimed = None
        return struct.pack(">I", size)[1:] + bytes([TYPES[kind], flags]) + struct.pack(">I", stream) + payload

    def payload(self, text):
        if text.startswith('"'):
            return text[1:-1].encode("latin-1")
        word, *changes = text.split(" +")
        word, *left_out = word.split(" -:")
        if word in BLOCKS:
            pairs = [pair for pair in BLOCKS[word] if pair[0] not in {":" + name.strip() for name in left_out}]
            for change in changes:
                name, _, value = change.partition(": ")
                count = 1
                if name.startswith("*"):  # *N name: so many of them
                    number, _, name = name[1:].partition(" ")
                    count = int(number)
                pairs = pairs + [(name, value)] * count
            return encode(pairs)
        if "*" in word:
            number, _, byte = word.partition("*")
            return bytes.fromhex(byte) * int(number)
        return bytes.fromhex(word)

    def play(self, item):
        kind, _, rest = item.partition(" ")
        if kind == "BARE":
            return
        if kind == "RAW":
            return self.send(self.payload(rest))
        if kind == "LENGTH":
            self.claimed = int(rest)
            return
        if kind == "TIMES":  # TIMES N ITEM; %d in it counts streams up from 1
            number, _, rest = rest.partition(" ")
            for i in range(int(number)):
                self.play(rest.replace("%d", str(1 + 2 * i)))
            return
        stream, flags, *payload = rest.split(" ", 2)
        bits = sum(FLAGS[flag] for flag in flags if flag != "-")
        self.send(self.frame(kind, bits, int(stream), self.payload(payload[0]) if payload else b""))

    def read_frame(self):
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            data = self.socket.recv(65536)
            if not data:
                return None
            self.buffer += data
        size = int.from_bytes(self.buffer[:3], "big")
        kind, flags, stream = self.buffer[3], self.buffer[4], int.from_bytes(self.buffer[5:9], "big")
        payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
        return kind, flags, stream, payload

    def next(self):
        """What the next frame of interest says, in the words of `expect`."""
        while True:
            try:
                frame = self.read_frame()
            except ConnectionResetError:
                return "close"
            if frame is None:
                return "close"
            kind, flags, stream, payload = frame
            if kind == TYPES["GOAWAY"]:
                return "goaway " + CODES[struct.unpack(">I", payload[4:8])[0]]
            if kind == TYPES["RST_STREAM"]:
                return f"reset {stream} " + CODES[struct.unpack(">I", payload)[0]]
            if kind == TYPES["SETTINGS"] and flags & 1:
                return "ack"
            if kind == TYPES["PING"] and flags & 1:
                return "alive" if payload == LAST_PING else "pong " + payload.hex()
            if kind == TYPES["HEADERS"]:
                return f"status {stream} " + Decoder().status(payload)
            if kind == TYPES["DATA"]:
                self.got_data[stream] = self.got_data.get(stream, 0) + len(payload)
                if flags & 1:
                    return f"data {stream} {self.got_data[stream]}"

    def close(self):
        self.socket.close()


class Cases(ServerTest):
    @classmethod
    def table(cls):
        return json.loads((pathlib.Path(__file__).parent / "http2_cases.json").read_text())

    def setUp(self):
        super().setUp()
        self.place.add_example("hello", "md5_post", "slow_stream")
        (self.place.site / "page.html").write_text("a page")
        (self.place.site / "big.bin").write_bytes(b"b" * 200_000)

    def run_case(self, port, case):
        wanted = case["expect"].split(" | ")
        client = FrameClient(port, bare=case["send"][0] == "BARE")
        try:
            for item in case["send"]:
                client.play(item)
            if "alive" in wanted or wanted == ["alive"]:
                client.send(client.frame("PING", 0, 0, LAST_PING))
            seen = []
            while True:
                event = client.next()
                seen.append(event)
                if event == case.get("never"):
                    return seen
                if event in wanted:
                    return None
                # An end of the connection, or the answer to the last PING, and it was not what the row wants.
                if event in ("close", "alive") or (event.startswith("goaway") and "close" not in wanted):
                    return seen
        except TimeoutError:
            return seen + ["nothing more"]
        finally:
            client.close()

    def test_every_row(self):
        server = self.serve().listening()
        server.get("/hello.so")
        pid = server.status()["listenerPid"]
        table = self.table()
        self.assertGreaterEqual(len(table), 150)
        for case in table:
            with self.subTest(f"{case['name']} (RFC {case['rfc']})"):
                seen = self.run_case(server.port, case)
                self.assertIsNone(seen, f"wanted {case['expect']}")
        self.assertEqual(server.status()["listenerPid"], pid)
        self.assertEqual(server.get("/hello.so")[0], 200)

    def test_rows_are_told_apart(self):
        names = [case["name"] for case in self.table()]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
