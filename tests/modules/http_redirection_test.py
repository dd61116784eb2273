"""HttpRedirectionModule: each attribute, each variable, wildcards."""
import unittest

from module_test import ModuleTest, modules_without


def redirect(attributes, inner=""):
    return f"<httpRedirect {attributes}>{inner}</httpRedirect>"


class Redirection(ModuleTest):
    @classmethod
    def build(cls):
        cls.folder("off", redirect('enabled="false" destination="/new"'))
        cls.folder("on", redirect('enabled="true" destination="/new"'))
        cls.folder("on/deep/er")
        cls.folder("slash", redirect('enabled="true" destination="https://other.test/"'))
        cls.folder("exact", redirect('enabled="true" destination="/new" exactDestination="true"'))
        cls.folder("child", redirect('enabled="true" destination="/new" childOnly="true"'))
        cls.folder("child/deep")
        cls.folder("variables", redirect('enabled="true" destination="/v?path=$V&amp;rest=$S&amp;q=$P$Q&amp;cost=$$5"'))
        for name, status in (("permanent", "Permanent"), ("found", "Found"), ("temporary", "Temporary"), ("kept", "PermRedirect")):
            cls.folder(name, redirect(f'enabled="true" destination="/new" exactDestination="true" httpResponseStatus="{status}"'))
        cls.folder("wild", redirect('enabled="true"', '<add wildcard="*.php" destination="/moved/$0.html"/><add wildcard="/wild/a/*/b/*" destination="/x/$1/$0$2"/>'))
        cls.folder("located", redirect('enabled="true" destination="/new"'), locked=True)
        cls.folder("absent", redirect('enabled="true" destination="/new"') + modules_without("HttpRedirectionModule"), locked=True)

    def location(self, target):
        answer = self.server.request(target)
        return (answer.status, answer.header("Location")) if answer.status in (301, 302, 307, 308) else (answer.status, None)

    def test_table(self):
        for target, expected in {
            "/off/page.html": (200, None),
            "/absent/page.html": (200, None),
            "/on/page.html": (302, "/new/page.html"),
            "/on/nothing.html?a=b": (302, "/new/nothing.html?a=b"),
            "/on/": (302, "/new/"),
            "/on/deep/er/page.html": (302, "/new/deep/er/page.html"),
            "/on/a%20b%3Cc": (302, "/new/a%20b%3Cc"),
            "/slash/page.html": (302, "https://other.test/page.html"),
            "/exact/page.html?a=b": (302, "/new"),
            "/child/page.html": (302, "/new/page.html"),
            "/child/deep/page.html": (200, None),
            "/variables/x/y?a=b": (302, "/v?path=/variables/x/y&rest=/x/y&q=a=b?a=b&cost=$5"),
            "/permanent/": (301, "/new"), "/found/": (302, "/new"), "/temporary/": (307, "/new"), "/kept/": (308, "/new"),
            "/wild/some/thing.php": (302, "/moved/some/thing.html"),
            "/wild/a/1/b/2": (302, "/x/2/1"),
            "/wild/page.html": (200, None),
            "/located/page.html": (302, "/new/page.html"),
        }.items():
            with self.subTest(target):
                self.assertEqual(self.location(target), expected)

    def test_nothing_of_a_client_splits_the_response(self):
        status, location = self.location("/on/%E2%80%A8x")
        self.assertEqual((status, location), (302, "/new/%E2%80%A8x"))


if __name__ == "__main__":
    unittest.main()
