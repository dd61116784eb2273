"""appcmd: IIS's command line, its output lines and exit codes, and the state verbs against a running server."""
import subprocess
import unittest

import osmia_server
from configuration import editing_test
from osmia_server import ServerTest, pool, site


def appcmd(*words, program):
    result = subprocess.run(["appcmd", *map(str, words)], executable=program, capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


class OnFiles(unittest.TestCase):
    setUp = editing_test.EditingTest.setUp

    def appcmd(self, *words):
        return appcmd(*words, f"/apphostconfig:{self.file}", f"/statefolder:{self.folder}/none", program=osmia_server.BIN / "osmia")

    def check(self, line, *words, status=0):
        self.assertEqual(self.appcmd(*words), (status, line and line + "\n"), words)

    def test_objects_are_listed(self):
        self.check('SITE "Main" (id:1,bindings:http/*:8080:,http/*:8080:www.example.org,state:Unknown)', "list", "sites")
        self.check('APP "Main/" (applicationPool:DefaultAppPool)', "list", "app")
        self.check(f'VDIR "Main/" (physicalPath:{self.site})', "LIST", "VDIR", "Main/")
        self.check('APPPOOL "New" (MgdVersion:,MgdMode:Integrated,state:Unknown)', "list", "apppool", "New")
        self.check("", "list", "site", "Other", status=1)
        self.check("DefaultAppPool\nNew", "list", "apppools", "/text:name")
        self.check("00:20:00", "list", "apppool", "new", "/text:processModel.idleTimeout")
        self.check('<?xml version="1.0" encoding="UTF-8"?>\n<appcmd>\n    <APPPOOL APPPOOL.NAME="New" PipelineMode="Integrated" RuntimeVersion="" '
                   'state="Unknown" />\n</appcmd>', "list", "apppool", "New", "-xml")
        self.check('<add name="New" />', "list", "apppool", "New", "/config")
        everything = self.appcmd("list", "apppool", "New", "/text:*")[1]
        for line in ('APPPOOL\n', '  APPPOOL.NAME:"New"\n', '  [add]\n', '    queueLength:"1000"\n', '    [processModel]\n', '      maxProcesses:"1"\n'):
            self.assertIn(line, everything)

    def test_lists_are_filtered_by_any_property(self):
        self.appcmd("set", "apppool", "New", "/autoStart:false")
        self.check('APPPOOL "New" (MgdVersion:,MgdMode:Integrated,state:Unknown)', "list", "apppool", "/autoStart:false")
        self.check('APP "Main/" (applicationPool:DefaultAppPool)', "list", "apps", "/apppool.name:DefaultAppPool")
        self.check('SITE "Main" (id:1,bindings:http/*:8080:,http/*:8080:www.example.org,state:Unknown)', "list", "site", "/site.id:1")
        self.check("", "list", "site", "/state:Stopped", status=1)

    def test_a_site_is_added_changed_and_deleted(self):
        before = self.file.read_text()
        self.check('SITE object "Shop" added\nAPP object "Shop/" added\nVDIR object "Shop/" added',
                   "add", "site", "/name:Shop", "/id:5", "/bindings:http/*:81:,http/*:82:shop.example", f"/physicalPath:{self.site}")
        self.check('ERROR ( message:<sites> has the <site> [name=\'Shop\'] already )', "add", "site", "/name:Shop", "/id:6", status=183)
        self.check('SITE object "Shop" changed', "set", "site", "/site.name:Shop",
                   "/+bindings.[protocol='http',bindingInformation='*:83:']", "/limits.maxUrlSegments:7", "/serverAutoStart:false")
        self.assertIn("bindings:http/*:81:,http/*:82:shop.example,http/*:83:,", self.appcmd("list", "site", "Shop")[1])
        self.check('SITE object "Shop" changed', "set", "site", "Shop", "/[path='/'].applicationPool:New", "/-bindings.[protocol='http',bindingInformation='*:83:']")
        self.check('APP object "Shop/a" added\nVDIR object "Shop/a/" added', "add", "app", "/site.name:Shop", "/path:/a", f"/physicalPath:{self.site}")
        self.check('APP object "Shop/a" changed', "set", "app", "Shop/a", "/applicationPool:New")
        self.check('VDIR object "Shop/a/v" added', "add", "vdir", "/app.name:Shop/a", "/path:/v", f"/physicalPath:{self.site}")
        self.check('VDIR object "Shop/a/v" deleted', "delete", "vdir", "Shop/a/v")
        self.check('APP object "Shop/a" deleted', "delete", "app", "Shop/a")
        self.check('SITE object "Shop" deleted', "delete", "site", "Shop")
        self.assertEqual(self.file.read_text(), before)
        self.check('ERROR ( message:Cannot find SITE object with identifier "Shop". )', "delete", "site", "Shop", status=50)

    def test_pools_and_defaults(self):
        self.check('APPPOOL object "P" added', "add", "apppool", "/name:P", "/managedPipelineMode:Classic")
        self.assertEqual(self.appcmd("add", "apppool", "/name:p")[0], 183)
        self.check('APPPOOL object "P" changed', "set", "apppool", "/apppool.name:P", "/processModel.idleTimeout:00:00:00", "/recycling.periodicRestart.time:1.05:00:00")
        self.check("1.05:00:00", "list", "apppool", "P", "/text:recycling.periodicRestart.time")
        self.check('Applied configuration changes to section "system.applicationHost/applicationPools" for "MACHINE/WEBROOT/APPHOST" at '
                   'configuration commit path "MACHINE/WEBROOT/APPHOST"', "set", "config", "-section:applicationPools",
                   "/applicationPoolDefaults.processModel.idleTimeout:00:05:00")
        self.assertIn('<processModel idleTimeout="00:05:00" />', self.file.read_text())
        self.check('APPPOOL object "P" deleted', "delete", "apppool", "P")

    def test_sections(self):
        done = ('Applied configuration changes to section "system.webServer/defaultDocument" for "MACHINE/WEBROOT/APPHOST/Main/sub" at configuration '
                'commit path "{}"')
        self.check(done.format("MACHINE/WEBROOT/APPHOST/Main/sub"), "set", "config", "Main/sub", "/section:defaultDocument", "/enabled:false",
                   '/+"files.[value=\'a.html\']"')
        self.assertIn('<add value="a.html" />', (self.site / "sub/web.config").read_text())
        self.check(done.format("MACHINE/WEBROOT/APPHOST"), "set", "config", "Main/sub", "/section:system.webServer/defaultDocument", "/+files.[value='b.html']",
                   "/commit:apphost")
        listed = self.appcmd("list", "config", "Main/sub", "/section:defaultDocument")[1]
        self.assertTrue(listed.startswith('<system.webServer>\n  <defaultDocument enabled="false">\n    <files>\n      <add value="a.html" />\n'
                                          '      <add value="b.html" />\n'), listed)
        self.check("", "search", "config", "/section:defaultDocument", "/enabled:nothing")
        self.assertEqual(self.appcmd("clear", "config", "Main/sub", "/section:defaultDocument")[0], 0)
        self.assertNotIn("a.html", (self.site / "sub/web.config").read_text())
        self.assertEqual(self.appcmd("set", "config", "/section:nonsense", "/a:b")[0], 50)
        self.assertEqual(self.appcmd("set", "config", "/section:defaultDocument", "/enabld:true")[0], 13)
        self.assertEqual(self.appcmd("set", "config", "Main", "/section:handlers", "/accessPolicy:Read")[0], 5)

    def test_search_finds_where_a_section_is_set(self):
        self.appcmd("set", "config", "Main", "/section:directoryBrowse", "/enabled:true")
        self.check('CONFIGSEARCH "MACHINE/WEBROOT/APPHOST/Main"', "search", "config", "/section:directoryBrowse", "/enabled:true")

    def test_locks(self):
        self.check('Unlocked section "system.webServer/handlers" at configuration path "MACHINE/WEBROOT/APPHOST/Main".', "unlock", "config", "Main", "/section:handlers")
        self.assertEqual(self.appcmd("set", "config", "Main", "/section:handlers", "/accessPolicy:Read")[0], 0)
        self.check('Locked section "system.webServer/handlers" at configuration path "MACHINE/WEBROOT/APPHOST".', "lock", "config", "/section:handlers")

    def test_modules(self):
        self.check('MODULE object "Own" added', "install", "module", "/name:Own", "/image:/opt/own.so")
        self.check('MODULE "Own" ( native, preCondition: )', "list", "module", "Own")
        self.check('MODULE object "Own" deleted', "uninstall", "module", "Own")
        self.assertEqual(self.appcmd("delete", "module", "Own")[0], 50)

    def test_backups(self):
        before = self.file.read_text()
        self.check('BACKUP object "first" added', "add", "backup", "first")
        self.assertEqual(self.appcmd("add", "backup", "first")[0], 183)
        self.appcmd("set", "apppool", "New", "/autoStart:false")
        self.assertEqual(self.appcmd("list", "backups")[1].splitlines(), ['BACKUP "first"', 'BACKUP "CFGHISTORY_0000000001"', 'BACKUP "CFGHISTORY_0000000002"'])
        self.check('Restored configuration from backup "first"', "restore", "backup", "first")
        self.assertEqual(self.file.read_text(), before)
        self.check('BACKUP object "first" deleted', "delete", "backup", "first")
        self.assertEqual(self.appcmd("restore", "backup", "first")[0], 50)

    def test_a_wrong_command_line(self):
        for words in (["list"], ["list", "things"], ["jump", "site", "Main"], ["set", "site", "Main", "id:5"], ["set", "site"], ["set", "config"],
                      ["set", "site", "Main", "/id"], ["start", "app", "Main/"]):
            status, text = self.appcmd(*words)
            self.assertEqual(status, 87, words)
            self.assertTrue(text.startswith("ERROR ( message:"), text)
        self.assertEqual(self.appcmd("start", "site", "Main")[0], 38)


class OnAServer(ServerTest):
    def test_states_and_workers(self):
        path = self.configure([pool("a")], [site("one", 1, "a", self.place.site)])
        server = self.serve("--config", path).listening()
        server.get("/")  # starts the worker, whatever it answers

        def run(*words):
            return appcmd(*words, f"/apphostconfig:{path}", f"/statefolder:{server.place.state}", program=server.place.bin / "osmia")

        self.assertIn(",state:Started)", run("list", "site", "one")[1])
        self.assertRegex(run("list", "wps")[1], r'^WP "\d+" \(apppool:a\)\n$')
        self.assertEqual(run("recycle", "apppool", "a"), (0, '"a" successfully recycled\n'))
        self.assertEqual(run("stop", "apppool", "/apppool.name:a"), (0, '"a" successfully stopped\n'))
        self.assertEqual(run("list", "apppool", "/state:Stopped", "/text:name"), (0, "a\n"))
        self.assertEqual(run("start", "apppool", "a"), (0, '"a" successfully started.\n'))
        self.assertEqual(run("stop", "site", "one"), (0, '"one" successfully stopped\n'))
        self.assertEqual(run("start", "site", "two"), (50, 'ERROR ( message:Cannot find SITE object with identifier "two". )\n'))


if __name__ == "__main__":
    unittest.main()
