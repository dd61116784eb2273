"""CustomErrorModule: who sees details, and every way to put something else in place of an error."""
import os
import shutil
import unittest

from module_test import ModuleTest, modules_without

REMOTE = [("X-Forwarded-For", "192.0.2.1")]  # who speaks for another is not local


def errors(inner="", attributes=""):
    return f"<httpErrors {attributes}>{inner}</httpErrors>"


class CustomErrors(ModuleTest):
    @classmethod
    def build(cls):
        cls.place.add_example("vars")
        (cls.site_folder / "shared").mkdir()
        (cls.site_folder / "shared/404.html").write_text("<title>shared 404</title>")
        (cls.site_folder / "shared/note.txt").write_text("a plain note")
        languages = cls.place.folder / "languages"
        for language, words in (("de", "nichts"), ("en-GB", "nothing, old chap"), ("", "nothing")):
            (languages / language).mkdir(parents=True, exist_ok=True)
            (languages / language / "404.html").write_text(words)
        cls.folder("plain")
        cls.folder("custom", errors('<error statusCode="404" path="shared/404.html"/>', 'errorMode="Custom"'))
        cls.folder("detailed", errors('<error statusCode="404" path="shared/404.html"/>', 'errorMode="Detailed" detailedMoreInformationLink="https://help.test/x?y"'))
        cls.folder("local", errors('<error statusCode="404" path="shared/404.html"/>'))
        cls.folder("specific", errors('<error statusCode="404" path="shared/404.html"/><error statusCode="404" subStatusCode="3" path="shared/note.txt"/>',
                                      'errorMode="Custom"'), {"page.html": "x", "file.unknown": "x"})
        cls.folder("other", errors("", 'errorMode="Custom" defaultPath="/plain/page.html" defaultResponseMode="ExecuteURL"'))
        cls.folder("execute", errors('<error statusCode="404" path="/vars.so" responseMode="ExecuteURL"/>', 'errorMode="Custom"'))
        cls.folder("nowhere", errors('<error statusCode="404" path="/not/there.html" responseMode="ExecuteURL"/>', 'errorMode="Custom"'))
        cls.folder("redirect", errors('<error statusCode="404" path="https://www.test/sorry" responseMode="Redirect"/>', 'errorMode="Custom"'))
        absolute = f'<error statusCode="404" prefixLanguageFilePath="{languages}" path="404.html"/>'
        cls.folder("language", errors(absolute, 'errorMode="Custom"'), locked=True)
        cls.folder("delegated", errors(absolute, 'errorMode="Custom"'))
        cls.folder("allowed", errors(absolute, 'errorMode="Custom" allowAbsolutePathsWhenDelegated="true"'))
        for mode in ("Auto", "Replace", "PassThrough"):
            cls.folder(mode.lower(), errors('<error statusCode="404" path="shared/404.html"/>', f'errorMode="Custom" existingResponse="{mode}"'))
            shutil.copy(os.environ["OSMIA_OWN_ERROR"], cls.site_folder / mode.lower() / "own_error.so")
        cls.folder("absent", modules_without("CustomErrorModule"), locked=True)

    def get_error(self, target, headers=()):
        answer = self.server.request(target, headers=headers)
        return answer.status, answer.body.decode()

    def test_details_are_for_this_machine_alone(self):
        status, page = self.get_error("/plain/nothing.html")
        self.assertEqual(status, 404)
        self.assertIn("Physical path", page)
        self.assertIn(str(self.site_folder / "plain/nothing.html"), page)
        for headers in (REMOTE, [("Forwarded", "for=192.0.2.1")], [("Via", "1.1 proxy")], [("via", "")]):
            status, page = self.get_error("/plain/nothing.html", headers)
            self.assertEqual(status, 404)
            self.assertNotIn(str(self.site_folder), page)
            self.assertNotIn("Physical path", page)

    def test_what_the_client_sends_is_no_markup(self):
        page = self.get_error("/plain/%3Cscript%3Ealert(1)%3C/script%3E")[1]
        self.assertNotIn("<script>", page)

    def test_error_modes(self):
        for headers in ((), REMOTE):
            self.assertEqual(self.get_error("/custom/nothing", headers), (404, "<title>shared 404</title>"))
            self.assertIn("Physical path", self.get_error("/detailed/nothing", headers)[1])
        self.assertIn("Physical path", self.get_error("/local/nothing")[1])
        self.assertEqual(self.get_error("/local/nothing", REMOTE), (404, "<title>shared 404</title>"))

    def test_the_link_to_more(self):
        self.assertIn('href="https://help.test/x?y&amp;status=404,0"', self.get_error("/detailed/nothing")[1])
        self.assertNotIn("More about", self.get_error("/plain/nothing")[1])

    def test_the_most_specific_entry_counts(self):
        self.assertEqual(self.get_error("/specific/nothing"), (404, "<title>shared 404</title>"))
        answer = self.server.request("/specific/file.unknown")
        self.assertEqual((answer.status, answer.body, answer.header("Content-Type")), (404, b"a plain note", "text/plain; charset=utf-8"))

    def test_the_default_is_for_every_other_error(self):
        self.assertEqual(self.get_error("/other/nothing"), (200, "a page"))

    def test_an_executed_url_knows_what_failed_and_decides_the_status(self):
        status, page = self.get_error("/execute/nothing?a=b")
        self.assertEqual(status, 200)
        self.assertIn("QUERY_STRING=404;http://test/execute/nothing?a=b\n", page)
        answer = self.server.request("/execute/nothing", "POST", body=b"x")
        self.assertIn(b"REQUEST_METHOD=GET\n", answer.body)

    def test_an_executed_url_that_fails_does_not_loop(self):
        status, page = self.get_error("/nowhere/nothing")
        self.assertEqual(status, 404)
        self.assertIn("404", page)

    def test_a_redirect(self):
        answer = self.server.request("/redirect/nothing")
        self.assertEqual((answer.status, answer.header("Location")), (302, "https://www.test/sorry"))

    def test_language_folders(self):
        for accepted, words in (("de-AT, en", "nichts"), ("en-GB;q=0.5", "nothing, old chap"), ("fr, de;q=0.1", "nichts"), ("fr", "nothing"),
                                ("../../etc", "nothing"), (", ;q=1,,", "nothing")):
            self.assertEqual(self.get_error("/language/x", [("Accept-Language", accepted)]), (404, words), accepted)
        self.assertEqual(self.get_error("/language/x"), (404, "nothing"))

    def test_a_web_config_may_name_absolute_paths_only_if_allowed(self):
        self.assertNotIn("nothing", self.get_error("/delegated/x")[1])
        self.assertEqual(self.get_error("/allowed/x"), (404, "nothing"))

    def test_a_program_with_an_answer_of_its_own(self):
        kept = {mode: self.get_error(f"/{mode}/own_error.so") for mode in ("auto", "replace", "passthrough")}
        self.assertEqual(kept["auto"], (404, "own page"))
        self.assertEqual(kept["passthrough"], (404, "own page"))
        self.assertEqual(kept["replace"], (404, "<title>shared 404</title>"))

    def test_pass_through_is_for_answers_that_exist(self):
        self.assertEqual(self.get_error("/passthrough/nothing"), (404, "<title>shared 404</title>"))

    def test_head_has_the_length_of_the_page_and_no_body(self):
        answer = self.server.request("/custom/nothing", "HEAD")
        self.assertEqual((answer.status, answer.header("Content-Length")), (404, str(len("<title>shared 404</title>"))))

    def test_without_the_module_errors_are_bare(self):
        status, page = self.get_error("/absent/nothing")
        self.assertEqual(status, 404)
        self.assertNotIn("Physical path", page)


if __name__ == "__main__":
    unittest.main()
