"""A module author's day: sdk/examples/hello_module, built out of tree from the installed package, loaded beside the shipped modules and in place of one."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from module_test import ModuleTest

SOURCE = pathlib.Path(os.environ["OSMIA_SOURCE"])
SHIPPED = (SOURCE / "share/applicationHost.config.default").read_text()


def section(name, replace=None, more=""):
    """The shipped section with another image for one module, and more entries."""
    text = re.search(rf"<{name}>.*?</{name}>", SHIPPED, re.S).group(0)
    if replace:
        text = re.sub(rf'(<add name="{replace[0]}" image=")[^"]*', rf"\g<1>{replace[1]}", text)
    return text.replace(f"</{name}>", more + f"</{name}>")


class Hello(ModuleTest):
    replaced = None

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="osmia-hello-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.work.chmod(0o755)
        quiet = {"check": True, "stdout": subprocess.DEVNULL}
        subprocess.run([os.environ["OSMIA_CMAKE"], "--install", os.environ["OSMIA_BUILD"], "--prefix", str(cls.work / "prefix")], **quiet)
        shutil.copytree(cls.work / "prefix/share/doc/osmia/examples/hello_module", cls.work / "source")
        subprocess.run([os.environ["OSMIA_CMAKE"], "-S", str(cls.work / "source"), "-B", str(cls.work / "build"), f"-DCMAKE_PREFIX_PATH={cls.work}/prefix"], **quiet)
        subprocess.run([os.environ["OSMIA_CMAKE"], "--build", str(cls.work / "build")], **quiet)
        cls.image = cls.work / "build/hello_module.so"
        cls.image.chmod(0o755)
        super().setUpClass()

    @classmethod
    def build(cls):
        own = "HelloModule"
        if cls.replaced:
            cls.server_sections = section("globalModules", (cls.replaced, cls.image)) + section("modules")
        else:
            cls.server_sections = section("globalModules", more=f'<add name="{own}" image="{cls.image}"/>') + section("modules", more=f'<add name="{own}"/>')
            cls.folder("here", f'<handlers><add name="hello" path="hello" verb="*" modules="{own}" requireAccess="None"/></handlers>')
        cls.folder("folder", '<directoryBrowse enabled="true"/>', {"file.txt": "x"})


class Beside(Hello):
    def test_it_answers_and_marks_every_answer(self):
        answer = self.server.request("/here/hello")
        self.assertEqual((answer.status, answer.body, answer.header("X-Hello")), (200, b"Hello, /here/hello!\n", "world"))
        for target, status in (("/folder/file.txt", 200), ("/nothing", 404)):
            answer = self.server.request(target)
            self.assertEqual((answer.status, answer.header("X-Hello")), (status, "world"))
        self.assertIn(str(self.image), {os.path.realpath(line.split()[-1]) for line in pathlib.Path(f"/proc/{self.server.workers()[0]['pid']}/maps").read_text().splitlines() if "/" in line}
                      | {module["image"] for module in self.server.json("list", "modules")})

    def test_it_is_about_thirty_lines(self):
        self.assertLessEqual(len((SOURCE / "sdk/examples/hello_module/hello_module.cpp").read_text().splitlines()), 30)


class InPlaceOfAShippedOne(Hello):
    replaced = "DirectoryListingModule"

    def test_it_lists_folders_now(self):
        self.assertEqual(self.server.get("/folder/"), (200, "Hello, /folder/!\n"))
        self.assertEqual(self.server.get("/folder/file.txt"), (200, "x"))


if __name__ == "__main__":
    unittest.main()
