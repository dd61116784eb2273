"""AnonymousAuthenticationModule: on, off, absent."""
import unittest

from module_test import ModuleTest, modules_without

ANONYMOUS = "<security><authentication><anonymousAuthentication {}/></authentication></security>"


class Anonymous(ModuleTest):
    opened = ("security/authentication/anonymousAuthentication",)

    @classmethod
    def build(cls):
        for name, attributes in (("on", 'enabled="true"'), ("off", 'enabled="false"'), ("nobody", 'userName=""')):
            cls.folder(name, ANONYMOUS.format(attributes))
        cls.folder("absent", modules_without("AnonymousAuthenticationModule"), locked=True)
        cls.place.add_example("vars", folder=cls.site_folder / "on")

    def test_on_lets_everybody_in_without_a_name(self):
        self.assertEqual(self.status("/on/page.html"), "200")
        self.assertEqual(self.status("/nobody/page.html"), "200")
        self.assertIn("REMOTE_USER=\n", self.server.get("/on/vars.so?name=REMOTE_USER")[1])

    def test_off_lets_nobody_in(self):
        self.assertEqual(self.status("/off/page.html"), "401.2")
        self.assertEqual(self.status("/off/nothing.html"), "401.2")

    def test_without_an_authentication_module_nobody_gets_in(self):
        self.assertEqual(self.status("/absent/page.html"), "401.2")


if __name__ == "__main__":
    unittest.main()
