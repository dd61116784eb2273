"""What the tests of modules share: one server for many folders, each with a web.config of its own."""
import subprocess
import pathlib

from osmia_server import Place, Server, ServerTest, pool, site

MACHINE = """<configuration>
  <system.applicationHost>
    <applicationPools>{pools}</applicationPools>
    <sites>{sites}</sites>
  </system.applicationHost>
  <location path="" overrideMode="Allow"><system.webServer><handlers accessPolicy="{access}" /></system.webServer></location>
  <system.webServer>
    <security>{restriction}{security}</security>
    {sections}
  </system.webServer>
  {more}
</configuration>"""


def modules_without(*names):
    """For a <location>: the shipped modules but these."""
    return "<modules>" + "".join(f'<remove name="{name}"/>' for name in names) + "</modules>"


class ModuleTest(ServerTest):
    """A class of tests shares a server. build() writes the site before it starts; nothing in a test changes it."""
    machine = ""  # more of applicationHost.config
    server_sections = ""  # inside its <system.webServer>
    security = ""  # inside its <security>
    restriction = '<isapiCgiRestriction notListedIsapisAllowed="true" notListedCgisAllowed="true" />'
    access = "Read, Script, Execute"
    opened = ()  # sections that web.config files may set although they are locked

    @classmethod
    def setUpClass(cls):
        cls.place = place = Place()
        cls.addClassCleanup(place.remove)
        cls.site_folder = place.site
        cls.locations = []
        cls.build()
        opened = "".join(f'<location path="" overrideMode="Allow"><system.webServer>{nested(name)}</system.webServer></location>' for name in cls.opened)
        text = MACHINE.format(pools=pool("P"), sites=site("S", 1, "P", place.site), access=cls.access, restriction=cls.restriction, security=cls.security,
                              sections=cls.server_sections, more=opened + "".join(cls.locations) + cls.machine)
        path = place.folder / "applicationHost.config"
        path.write_text(text)
        path.chmod(0o644)
        cls.server = Server(place, "--config", path)
        cls.addClassCleanup(cls.server.destroy)
        cls.server.listening()

    def setUp(self):
        pass

    @classmethod
    def build(cls):
        """Writes files, folders and locations."""

    @classmethod
    def folder(cls, name, section="", files=None, locked=False):
        """A folder with the given system.webServer content and files; \\a locked: said by applicationHost.config instead."""
        path = cls.site_folder / name
        path.mkdir(parents=True, exist_ok=True)
        if locked:
            cls.locations.append(f'<location path="S/{name}"><system.webServer>{section}</system.webServer></location>')
        elif section:
            (path / "web.config").write_text(f"<configuration><system.webServer>{section}</system.webServer></configuration>")
        for file, content in (files or {"page.html": "a page"}).items():
            target = path / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def status(self, target="/", method="GET", headers=(), body=None):
        """ "404.8": status and substatus, the latter as the error page tells it; "200" without one."""
        answer = self.server.request(target, method, headers, body)
        return status_of(answer)


def status_of(answer):
    if answer.status < 400:
        return str(answer.status)
    title = answer.body.decode("utf-8", "replace").partition("<title>")[2].partition("</title>")[0].split()
    return title[0] if title and title[0].startswith(str(answer.status)) else str(answer.status)


def nested(path):
    """<a><b/></a> for "a/b"."""
    first, _, rest = path.partition("/")
    return f"<{first}>{nested(rest)}</{first}>" if rest else f"<{first}/>"


def has_package(name):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True, check=False)
    return done.stdout == "installed"


def read(path):
    return pathlib.Path(path).read_text()
