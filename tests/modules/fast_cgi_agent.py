"""A FastCGI application that does what ?do= says: the good and the bad. Listens on descriptor 0, as FastCGI has it."""
import os
import signal
import socket
import struct
import sys
import time
import urllib.parse

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)


def record(kind, content=b""):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def send(connection, kind, content):
    for at in range(0, len(content), 65535):
        connection.sendall(record(kind, content[at:at + 65535]))


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def read_record(connection):
    _, kind, _, size, padding = struct.unpack(">BBHHBx", read_exactly(connection, 8))
    content = read_exactly(connection, size)
    read_exactly(connection, padding)
    return kind, content


def pairs(data):
    found, at = {}, 0
    while at < len(data):
        sizes = []
        for _ in range(2):
            if data[at] < 128:
                sizes.append(data[at])
                at += 1
            else:
                sizes.append(struct.unpack(">I", data[at:at + 4])[0] & 0x7fffffff)
                at += 4
        name, at = data[at:at + sizes[0]].decode(), at + sizes[0]
        found[name], at = data[at:at + sizes[1]].decode("latin-1"), at + sizes[1]
    return found


def read_request(connection):
    parameters = b""
    while True:
        kind, content = read_record(connection)
        if kind == PARAMS:
            if not content:
                return dict(urllib.parse.parse_qsl(pairs(parameters).get("QUERY_STRING", "")))
            parameters += content


def end(connection, body=None):
    if body is not None:
        send(connection, STDOUT, b"Content-Type: text/plain\r\n\r\n" + body)
    connection.sendall(record(STDOUT) + record(END, struct.pack(">IB3x", 0, 0)))


def echo(connection):
    send(connection, STDOUT, b"Content-Type: application/octet-stream\r\n\r\n")
    while True:
        kind, content = read_record(connection)
        if kind == STDIN and not content:
            return end(connection)
        send(connection, STDOUT, content)


def answer(connection, query):
    do = query.get("do", "pid")
    if "term" in query:
        signal.signal(signal.SIGTERM, lambda *_: (open(query["term"], "w").close(), sys.exit(0)))
    if do == "pid":
        end(connection, str(os.getpid()).encode())
    elif do == "stderr":
        send(connection, STDERR, b"words <on> stderr\n")
        end(connection, b"page")
    elif do == "sleep":
        time.sleep(600)
    elif do == "drip":
        send(connection, STDOUT, b"Content-Type: text/plain\r\n\r\n")
        while True:
            send(connection, STDOUT, b"x")
            time.sleep(0.2)
    elif do == "wait":
        open(query["file"] + ".here", "w").close()
        while not os.path.exists(query["file"]):
            time.sleep(0.02)
        end(connection, b"went on")
    elif do == "crash":
        os._exit(1)
    elif do == "garbage":
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nthis is no FastCGI")
    elif do == "badhead":
        send(connection, STDOUT, b"no header at all\r\n\r\nbody")
        end(connection)
    elif do == "empty":
        end(connection)
    elif do == "cut":
        send(connection, STDOUT, b"Content-Type: text/plain\r\nContent-Length: 20000000\r\n\r\n" + b"x" * 10_000_000)
        os._exit(1)
    elif do == "echo":
        echo(connection)


def main():
    listener = socket.socket(fileno=0)
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                answer(connection, read_request(connection))
            except (EOFError, OSError):
                pass


main()
