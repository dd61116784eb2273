"""ProtocolSupportModule: custom headers, redirect headers, keep-alive, OPTIONS and TRACE."""
import unittest

from module_test import ModuleTest, modules_without

CUSTOM = '<customHeaders><add name="X-One" value="1"/><add name="X-Two" value="two words"/></customHeaders>'


class Protocol(ModuleTest):
    @classmethod
    def build(cls):
        cls.folder("plain")
        cls.folder("custom", f"<httpProtocol>{CUSTOM}</httpProtocol>")
        cls.folder("custom/sub", '<httpProtocol><customHeaders><remove name="X-Two"/><add name="X-Three" value="3"/></customHeaders></httpProtocol>')
        cls.folder("twice", '<httpProtocol><customHeaders><add name="Content-Type" value="text/odd"/></customHeaders></httpProtocol>')
        cls.folder("redirect", '<httpProtocol><redirectHeaders><add name="X-Moved" value="yes"/></redirectHeaders></httpProtocol>')
        cls.folder("redirect/sub")
        cls.folder("close", '<httpProtocol allowKeepAlive="false"/>')
        cls.folder("absent", f"<httpProtocol>{CUSTOM}</httpProtocol>" + modules_without("ProtocolSupportModule"), locked=True)
        cls.place.add_example("hello", folder=cls.site_folder / "custom")

    def test_custom_headers_go_on_every_answer(self):
        for target, status in (("/custom/page.html", 200), ("/custom/nothing", 404), ("/custom/hello.so", 200), ("/custom/sub", 301)):
            answer = self.server.request(target)
            self.assertEqual((answer.status, answer.header("X-One")), (status, "1"), target)
        self.assertEqual(self.server.request("/custom/page.html").header("X-Two"), "two words")
        self.assertIsNone(self.server.request("/plain/page.html").header("X-One"))

    def test_a_folder_changes_what_it_inherits(self):
        answer = self.server.request("/custom/sub/page.html")
        self.assertEqual([answer.header(name) for name in ("X-One", "X-Two", "X-Three")], ["1", None, "3"])

    def test_a_field_that_stands_alone_is_replaced(self):
        self.assertEqual(self.server.request("/twice/page.html").header("Content-Type"), "text/odd")

    def test_redirect_headers_go_on_redirects_alone(self):
        answer = self.server.request("/redirect/sub")
        self.assertEqual((answer.status, answer.header("X-Moved")), (301, "yes"))
        self.assertIsNone(self.server.request("/redirect/page.html").header("X-Moved"))

    def test_keep_alive_can_be_off(self):
        with self.server.connect() as connection:
            self.assertEqual(connection.request("/plain/page.html").status, 200)
            answer = connection.request("/close/page.html")
            self.assertEqual((answer.body, answer.header("Connection")), (b"a page", "close"))
            self.assertTrue(connection.is_closed())

    def test_options(self):
        for target in ("/plain/page.html", "/plain/nothing", "/"):
            answer = self.server.request(target, "OPTIONS")
            self.assertEqual((answer.status, answer.header("Allow"), answer.body), (200, "OPTIONS, TRACE, GET, HEAD, POST", b""), target)

    def test_trace_echoes_the_request_without_its_secrets(self):
        answer = self.server.request("/plain/x?y=z", "TRACE", [("X-Some", "thing"), ("Cookie", "secret=1"), ("Authorization", "Basic c2VjcmV0")])
        self.assertEqual((answer.status, answer.header("Content-Type")), (200, "message/http"))
        self.assertTrue(answer.body.startswith(b"TRACE /plain/x?y=z HTTP/1.1\r\n"), answer.body)
        self.assertIn(b"X-Some: thing\r\n", answer.body)
        self.assertNotIn(b"ecret", answer.body)

    def test_without_the_module(self):
        self.assertIsNone(self.server.request("/absent/page.html").header("X-One"))
        self.assertEqual(self.status("/absent/page.html", "OPTIONS"), "500.21")


if __name__ == "__main__":
    unittest.main()
