"""Proxies in front of a server: PROXY headers and X-Forwarded-For, as the access log and HTTPERR show them."""
import socket
import struct
import unittest

from osmia_server import ServerTest, pool, site, wait_for

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


class ProxiesTest(ServerTest):
    def serve_behind(self, attributes):
        (self.place.site / "page.txt").write_text("hello")
        more = f'<system.osmia><proxies><add binding="127.0.0.1:0:" {attributes}/></proxies></system.osmia>'
        return self.serve("--config", self.configure([pool("P")], [site("One", 1, "P", self.place.site)], more)).listening()

    def clients(self, count):
        """The c-ip column of the access log."""
        def read():
            for path in (self.place.state / "logs/W3SVC1").glob("*.log"):
                lines = [line.split(" ")[8] for line in path.read_text().splitlines() if not line.startswith("#")]
                if len(lines) >= count:
                    return lines
            return None

        return wait_for(read, f"{count} lines in the access log")

    def errors(self):
        path = self.place.state / "logs/HTTPERR/httperr1.log"
        return path.read_text() if path.exists() else ""

    def test_both_versions_name_the_client(self):
        server = self.serve_behind('trusted="127.0.0.0/8" proxyProtocol="true"')
        v2 = SIGNATURE + b"\x21\x11" + struct.pack(">H", 12) + socket.inet_aton("198.51.100.7") + socket.inet_aton("10.0.0.9") + struct.pack(">HH", 5, 80)
        local = SIGNATURE + b"\x20\0\0\0"
        for header in (b"PROXY TCP4 203.0.113.5 10.0.0.9 4711 80\r\n", v2, local, b"PROXY UNKNOWN\r\n"):
            with server.connect() as connection:
                for byte in header[:-1]:
                    connection.send(bytes([byte]))
                connection.send(header[-1:])
                self.assertEqual(connection.request("/page.txt").status, 200)
                self.assertEqual(connection.request("/page.txt").status, 200, "the header is there once")
        self.assertEqual(self.clients(8), ["203.0.113.5"] * 2 + ["198.51.100.7"] * 2 + ["127.0.0.1"] * 4)

    def test_a_connection_without_a_header_is_closed(self):
        server = self.serve_behind('trusted="127.0.0.1" proxyProtocol="true"')
        with server.connect() as connection:
            connection.send(b"GET /page.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(connection.is_closed())
        wait_for(lambda: " BadRequest " in self.errors(), "HTTPERR's line")

    def test_a_stranger_is_closed(self):
        server = self.serve_behind('trusted="127.0.0.99" proxyProtocol="true"')
        with server.connect() as connection:
            connection.send(b"PROXY TCP4 203.0.113.5 10.0.0.9 4711 80\r\nGET /page.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(connection.is_closed())
        wait_for(lambda: " Forbidden " in self.errors(), "HTTPERR's line")

    def test_a_trusted_proxys_field_names_the_client(self):
        server = self.serve_behind('trusted="127.0.0.1, 10.0.0.0/8" forwardedFor="true"')
        with server.connect() as connection:
            for value in ("203.0.113.5, 10.0.0.4", "1.2.3.4, 198.51.100.7", "nonsense"):
                self.assertEqual(connection.request("/page.txt", headers=[("X-Forwarded-For", value)]).status, 200)
        self.assertEqual(self.clients(3), ["203.0.113.5", "198.51.100.7", "127.0.0.1"])

    def test_nobody_else_names_a_client(self):
        server = self.serve_behind('trusted="10.0.0.0/8" forwardedFor="true"')
        self.assertEqual(server.request("/page.txt", headers=[("X-Forwarded-For", "203.0.113.5")]).status, 200)
        self.assertEqual(self.clients(1), ["127.0.0.1"])

    def test_what_is_no_address_is_an_error(self):
        config = self.configure([pool("P")], [site("One", 1, "P", self.place.site)],
                                '<system.osmia><proxies><add binding="127.0.0.1:0:" trusted="10.0.0.0/33, proxy"/></proxies></system.osmia>')
        server = self.serve("--config", config)
        server.wait_line(r"error: .*'10.0.0.0/33' is no address and no ADDRESS/BITS")
        server.wait_line("'proxy' is no address")


if __name__ == "__main__":
    unittest.main()
