"""The configuration verbs of the command line, on files of their own; no server runs."""
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

OSMIA = pathlib.Path(os.environ["OSMIA_BIN"]) / "osmia"

MACHINE = """<?xml version="1.0" encoding="UTF-8"?>
<!-- kept -->
<configuration>
  <configSections>
    <section name="mine" type="Some.Handler, Assembly" />
  </configSections>
  <system.applicationHost>
    <applicationPools>
      <add name="DefaultAppPool" />   <!-- the default -->
      <add name="New" />
    </applicationPools>
    <sites>
      <site name='Main' id='1'>
        <application path="/"><virtualDirectory path="/" physicalPath="{site}" /></application>
        <bindings>
          <binding protocol="http" bindingInformation="*:8080:" />
          <binding protocol="http" bindingInformation="*:8080:www.example.org" />
        </bindings>
      </site>
    </sites>
  </system.applicationHost>
  <mine   odd = 'formatting'/>
  <system.web><compilation xdt:Transform="RemoveAttributes(debug)" xmlns:xdt="x" /></system.web>
</configuration>
"""


class EditingTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="osmia-editing-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.site = self.folder / "site"
        (self.site / "sub").mkdir(parents=True)
        self.file = self.folder / "applicationHost.config"
        self.file.write_text(MACHINE.format(site=self.site))

    def run_osmia(self, *arguments, status=0):
        result = subprocess.run([OSMIA, *arguments, "--config", self.file], capture_output=True, text=True)
        self.assertEqual(result.returncode, status, f"{arguments}: {result.stdout}{result.stderr}")
        return result.stdout + result.stderr

    def changed_lines(self, *arguments):
        before = self.file.read_text().splitlines()
        self.run_osmia(*arguments)
        after = self.file.read_text().splitlines()
        return [line.strip() for line in after if line not in before], [line.strip() for line in before if line not in after]

    def test_moving_an_application_touches_one_attribute(self):
        self.run_osmia("add", "app", "Main/shop", f"physicalPath={self.site}/sub")
        added, removed = self.changed_lines("set", "app", "Main/shop", "applicationPool=New")
        self.assertEqual(added, ['<application path="/shop" applicationPool="New">'])
        self.assertEqual(removed, ['<application path="/shop">'])

    def test_objects_come_and_go_and_the_file_is_as_before(self):
        before = self.file.read_text()
        self.run_osmia("add", "pool", "Third", "processModel.idleTimeout=00:30:00", "queueLength=50")
        self.run_osmia("add", "site", "Second", f"physicalPath={self.site}", "bindings=http/*:81:,http/*:82:b.example", "id=7")
        self.run_osmia("add", "app", "Second/shop", f"physicalPath={self.site}", "applicationPool=Third")
        self.run_osmia("add", "vdir", "Second/shop/pictures", f"physicalPath={self.site}/sub")
        shown = self.run_osmia("show", "config", "sites")
        for part in ("add[@name='Second'", "bindingInformation='*:82:b.example'", "virtualDirectory[@path='/pictures']"):
            self.assertIn(part.replace("add[", "site["), shown)
        self.assertIn("50", self.run_osmia("show", "config", "applicationPools"))
        self.run_osmia("remove", "pool", "Third", status=1)  # an application needs it
        self.run_osmia("remove", "vdir", "Second/shop/pictures")
        self.run_osmia("remove", "app", "Second/shop")
        self.run_osmia("remove", "site", "Second")
        self.run_osmia("remove", "pool", "Third")
        self.assertEqual(self.file.read_text(), before)

    def test_bindings_are_replaced_as_a_whole(self):
        added, removed = self.changed_lines("set", "site", "Main", "bindings=http/[::1]:80:")
        self.assertEqual(added, ['<binding protocol="http" bindingInformation="[::1]:80:" />'])
        self.assertEqual(len(removed), 2)

    def test_a_wrong_edit_writes_nothing_and_says_why(self):
        before = self.file.read_text()
        self.assertIn("did you mean 'queueLength'", self.run_osmia("set", "pool", "New", "queuLength=5", status=1))
        self.assertIn("from 10 to 65535", self.run_osmia("set", "pool", "New", "queueLength=5", status=1))
        self.assertIn("there is no application pool 'Nix'", self.run_osmia("set", "app", "Main/", "applicationPool=Nix", status=1))
        self.assertIn("did you mean 'Main'", self.run_osmia("set", "app", "Mian/", "applicationPool=New", status=4))
        self.assertIn("already", self.run_osmia("add", "pool", "new", status=1))
        self.assertEqual(self.file.read_text(), before)

    def test_a_section_is_written_where_it_belongs(self):
        self.run_osmia("set", "config", "Main/sub", "defaultDocument", "+files.[value='a.html']")
        self.assertIn('<add value="a.html" />', (self.site / "sub/web.config").read_text())
        self.run_osmia("set", "config", "Main/sub", "defaultDocument", "enabled=false", "--commit", "site")
        self.assertIn('<location path="sub">', (self.site / "web.config").read_text())
        self.run_osmia("set", "config", "Main/sub", "defaultDocument", "~enabled", "+files.[value='b.html']", "--commit", "apphost")
        self.assertIn('<location path="Main/sub">', self.file.read_text())
        shown = self.run_osmia("show", "config", "Main/sub", "defaultDocument")
        self.assertRegex(shown, r"value='a.html'\] +.*/sub/web.config:6")
        self.assertRegex(shown, r"value='b.html'\] +.*/applicationHost.config:\d+")
        self.assertRegex(shown, r'enabled="false" +.*/site/web.config:\d+')
        self.assertEqual(shown, self.run_osmia("show", "config", "http://www.example.org:8080/sub?x", "defaultDocument"))

    def test_a_locked_section_is_refused_until_it_is_unlocked(self):
        self.assertIn("osmia unlock", self.run_osmia("set", "config", "Main", "handlers", "accessPolicy=Read", status=1))
        self.assertFalse((self.site / "web.config").exists())
        self.run_osmia("unlock", "Main", "handlers")
        self.run_osmia("set", "config", "Main", "handlers", "+[name='x',path='*.x',verb='*',modules='StaticFileModule']",
                       "-[name='ISAPI-dll']")
        self.assertIn('<remove name="ISAPI-dll" />', (self.site / "web.config").read_text())
        self.run_osmia("lock", "Main", "handlers")
        self.assertIn("500.19", self.run_osmia("show", "config", "Main"))
        self.assertIn("is locked at", self.run_osmia("check", status=1))

    def test_modules_keep_the_shipped_ones(self):
        self.run_osmia("add", "module", "Own", "image=/opt/own.so")
        shown = self.run_osmia("show", "config", "globalModules")
        self.assertIn("add[@name='Own']", shown)
        self.assertIn("add[@name='StaticFileModule']", shown)
        self.run_osmia("set", "module", "Own", "image=/opt/other.so")
        self.assertIn("/opt/other.so", self.run_osmia("show", "config", "globalModules"))
        self.run_osmia("remove", "module", "Own")
        self.assertNotIn("Own", self.run_osmia("show", "config", "globalModules"))
        self.run_osmia("remove", "module", "Own", status=4)

    def test_history_shows_and_restores(self):
        first = self.file.read_text()
        self.assertIn("No history", self.run_osmia("list", "history"))
        self.run_osmia("set", "pool", "New", "queueLength=77")
        self.assertEqual(len(self.run_osmia("list", "history").splitlines()), 2)
        self.assertIn('+      <add name="New" queueLength="77" />', self.run_osmia("diff", "history", "1"))
        self.run_osmia("restore", "history", "1")
        self.assertEqual(self.file.read_text(), first)
        self.run_osmia("restore", "history", "99", status=4)
        self.assertEqual(stat.S_IMODE((self.folder / "history").stat().st_mode), 0o700)

    def test_secrets_are_never_shown(self):
        self.run_osmia("set", "pool", "New", "processModel.password=s3cret")
        self.assertNotIn("s3cret", self.run_osmia("show", "config", "applicationPools") + self.run_osmia("check"))

    def test_what_belongs_to_others_is_listed(self):
        listed = self.run_osmia("check", "--verbose")
        self.assertRegex(listed, r"<mine> is accepted .*configSections")
        self.assertRegex(listed, r"<system.web> is accepted")
        (self.site / "web.config").write_text("<configuration><appSettings/><system.webServer><aspNetCore/></system.webServer></configuration>")
        listed = self.run_osmia("check", "--verbose", status=1)
        self.assertIn("web.config:1:48: error: <system.webServer/aspNetCore> is not supported", listed)

    def test_the_schema_is_shown_and_fits_the_shipped_example(self):
        shown = self.run_osmia("schema", "applicationPools")
        self.assertIn('queueLength: number; default "1000"; from 10 to 65535', shown)
        self.assertIn("did you mean", self.run_osmia("schema", "applicationPol", status=4))
        xsd = self.folder / "osmia.xsd"
        xsd.write_text(self.run_osmia("schema", "--xsd"))
        example = pathlib.Path(__file__).parents[2] / "share/applicationHost.config.example"
        if shutil.which("xmllint") is None:
            self.skipTest("xmllint is not installed")
        def lint(file):
            return subprocess.run(["xmllint", "--nonet", "--noout", "--schema", xsd, file], capture_output=True, text=True)
        self.assertEqual(lint(example).returncode, 0, lint(example).stderr)
        wrong = self.folder / "wrong.config"
        wrong.write_text(example.read_text().replace('<processModel ', '<procesModel ', 1))
        self.assertIn("procesModel", lint(wrong).stderr)

    def test_utf16_and_carriage_returns_stay(self):
        text = MACHINE.format(site=self.site).replace("\n", "\r\n")
        self.file.write_bytes(text.replace('"UTF-8"', '"UTF-16"').encode("utf-16"))
        self.run_osmia("set", "pool", "New", "queueLength=77")
        after = self.file.read_bytes().decode("utf-16")
        self.assertEqual(after, text.replace('"UTF-8"', '"UTF-16"').replace('name="New"', 'name="New" queueLength="77"'))

    def test_two_writers_lose_nothing(self):
        script = 'for i in $(seq 25); do "$0" add pool "$1$i" --config "$2" || exit 1; done'
        writers = [subprocess.Popen(["sh", "-c", script, OSMIA, name, self.file]) for name in ("a", "b")]
        self.assertEqual([writer.wait() for writer in writers], [0, 0])
        self.assertEqual(self.file.read_text().count("<add name="), 52)

    def test_a_killed_writer_leaves_a_whole_file(self):
        for count in range(10):
            writer = subprocess.Popen([OSMIA, "add", "pool", f"p{count}", "--config", self.file])
            if count % 2:
                writer.send_signal(signal.SIGKILL)
            writer.wait()
            self.run_osmia("check")


if __name__ == "__main__":
    unittest.main()
