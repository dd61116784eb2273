"""A strict HTTP/1.1 client over a plain socket: what is not framed as RFC 9112 says is an error, not a guess."""
import socket
from dataclasses import dataclass, field


class BadAnswer(AssertionError):
    """The server broke the protocol."""


@dataclass
class Answer:
    status: int
    reason: str
    headers: list
    body: bytes = b""
    framing: str = "none"
    trailers: list = field(default_factory=list)

    def header(self, name, otherwise=None):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        if len(values) > 1:
            raise BadAnswer(f"{name} comes {len(values)} times: {values}")
        return values[0] if values else otherwise

    def media_type(self):
        return self.header("Content-Type", "").partition(";")[0].strip()


class Connection:
    """One connection; requests may be sent ahead of reading their answers."""

    def __init__(self, port, host="127.0.0.1", timeout=20):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_head(self, target="/", method="GET", headers=(), version="HTTP/1.1"):
        lines = [f"{method} {target} {version}"]
        if not any(name.lower() == "host" for name, _ in headers):
            lines.append("Host: test")
        lines += [f"{name}: {value}" for name, value in headers]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def send_request(self, target="/", method="GET", headers=(), body=None):
        headers = list(headers)
        if body is not None:
            headers.append(("Content-Length", str(len(body))))
        self.send_head(target, method, headers)
        if body:
            self.send(body)

    def send_chunked(self, target, body, method="POST", headers=(), chunk=4096):
        self.send_head(target, method, [*headers, ("Transfer-Encoding", "chunked")])
        parts = []
        for at in range(0, len(body), chunk):
            part = body[at:at + chunk]
            parts.append(b"%x\r\n%s\r\n" % (len(part), part))
        self.send(b"".join(parts) + b"0\r\n\r\n")

    def request(self, target="/", method="GET", headers=(), body=None):
        self.send_request(target, method, headers, body)
        return self.read_answer(method)

    def fill(self):
        data = self.socket.recv(262144)
        if not data:
            raise EOFError(f"the connection ended after {self.buffer[:200]!r}")
        self.buffer += data

    def read_until(self, end):
        while (at := self.buffer.find(end)) < 0:
            self.fill()
        data, self.buffer = self.buffer[:at], self.buffer[at + len(end):]
        return data

    def read_bytes(self, size):
        parts, have = [self.buffer], len(self.buffer)
        while have < size:
            data = self.socket.recv(min(1 << 20, max(size - have, 65536)))
            if not data:
                raise EOFError(f"the connection ended {size - have} bytes early")
            parts.append(data)
            have += len(data)
        data = b"".join(parts)
        self.buffer = data[size:]
        return data[:size]

    def read_head(self):
        lines = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, _, rest = lines[0].partition(" ")
        status, _, reason = rest.partition(" ")
        if version != "HTTP/1.1" or len(status) != 3 or not status.isdigit():
            raise BadAnswer(f"no status line: {lines[0]!r}")
        return Answer(int(status), reason, parse_fields(lines[1:]))

    def read_answer(self, method="GET", interim=False):
        """The next final answer; the next one of any kind if \\a interim."""
        answer = self.read_head()
        while answer.status < 200 and not interim:
            answer = self.read_head()
        if answer.status < 200 or answer.status in (204, 304) or method == "HEAD":
            return answer
        length, encoding = answer.header("Content-Length"), answer.header("Transfer-Encoding")
        if length is not None and encoding is not None:
            raise BadAnswer("both Content-Length and Transfer-Encoding")
        if encoding is not None:
            if encoding != "chunked":
                raise BadAnswer(f"Transfer-Encoding: {encoding}")
            answer.framing = "chunked"
            self._read_chunks(answer)
        elif length is not None:
            answer.framing = "length"
            answer.body = self.read_bytes(int(length))
        else:
            answer.framing = "close"
            answer.body = self.read_to_end()
        return answer

    def _read_chunks(self, answer):
        parts = []
        while True:
            line = self.read_until(b"\r\n").split(b";")[0]
            if not line or any(byte not in b"0123456789abcdefABCDEF" for byte in line):
                raise BadAnswer(f"no chunk size: {line!r}")
            size = int(line, 16)
            if size == 0:
                break
            parts.append(self.read_bytes(size))
            if self.read_bytes(2) != b"\r\n":
                raise BadAnswer("a chunk does not end in CRLF")
        trailers = []
        while line := self.read_until(b"\r\n"):
            trailers.append(line.decode("latin-1"))
        answer.trailers = parse_fields(trailers)
        answer.body = b"".join(parts)

    def read_to_end(self):
        parts, self.buffer = [self.buffer], b""
        while data := self.socket.recv(262144):
            parts.append(data)
        return b"".join(parts)

    def is_closed(self):
        """Waits until the server closes; false if it sends something instead or the time is over."""
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def parse_fields(lines):
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadAnswer(f"no header field: {line!r}")
        fields.append((name, value.strip(" \t")))
    return fields
