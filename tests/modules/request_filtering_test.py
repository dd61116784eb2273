"""RequestFilteringModule: every refusal with its substatus, every attribute, and what happens without the module."""
import unittest

from module_test import ModuleTest, modules_without


def rule(inner, attributes='scanUrl="true"'):
    return f'<filteringRules><filteringRule name="r" {attributes}>{inner}</filteringRule></filteringRules>'


DENY_EVIL = '<denyStrings><add string="evil"/></denyStrings>'
# folder: the content of <requestFiltering>
FOLDERS = {
    "plain": "",
    "escaping": '<!-- --><hiddenSegments/>',
    "high": "",
    "extension": '<fileExtensions allowUnlisted="true"><add fileExtension=".txt" allowed="false"/></fileExtensions>',
    "unlisted": '<fileExtensions allowUnlisted="false"><add fileExtension=".html" allowed="true"/></fileExtensions>',
    "dotless": '<fileExtensions allowUnlisted="false"><add fileExtension="." allowed="true"/></fileExtensions>',
    "sequence": '<denyUrlSequences><add sequence="Evil"/></denyUrlSequences>',
    "allowed": '<denyUrlSequences><add sequence="evil"/></denyUrlSequences><alwaysAllowedUrls><add url="/allowed/Evil.html"/></alwaysAllowedUrls>',
    "verb": '<verbs allowUnlisted="true"><add verb="GET" allowed="false"/></verbs>',
    "verbs": '<verbs allowUnlisted="false"><add verb="GET" allowed="true"/></verbs>',
    "segment": '<hiddenSegments><add segment="Private"/></hiddenSegments>',
    "unhidden": '<hiddenSegments><remove segment="bin"/></hiddenSegments>',
    "body": '<requestLimits maxAllowedContentLength="100"/>',
    "url": '<requestLimits maxUrl="20"/>',
    "query": '<requestLimits maxQueryString="20"/>',
    "header": '<requestLimits><headerLimits><add header="X-Long" sizeLimit="10"/></headerLimits></requestLimits>',
    "querysequence": '<denyQueryStringSequences><add sequence="evil"/></denyQueryStringSequences>'
                     '<alwaysAllowedQueryStrings><add queryString="not=evil"/></alwaysAllowedQueryStrings>',
    "rule": rule(DENY_EVIL),
    "rulequery": rule(DENY_EVIL, 'scanQueryString="true"'),
    "ruleheader": rule('<scanHeaders><add requestHeader="X-Word"/></scanHeaders>' + DENY_EVIL, ""),
    "ruleall": rule(DENY_EVIL, 'scanAllRaw="true"'),
    "ruletype": rule('<appliesTo><add fileExtension=".txt"/></appliesTo>' + DENY_EVIL),
    "percent": rule(DENY_EVIL, 'scanQueryString="true" denyUnescapedPercent="true"'),
    "nopercent": rule(DENY_EVIL, 'scanQueryString="true" denyUnescapedPercent="false"'),
}
ATTRIBUTES = {"high": 'allowHighBitCharacters="false"', "escaping": 'allowDoubleEscaping="true"'}
FILES = {"page.html": "a page", "page.txt": "text", "name": "no extension", "evil.html": "evil", "evil.txt": "evil", "Evil.html": "x", "bin/page.html": "bin",
         "private/page.html": "p", "ünïcode.html": "u", "a+b.html": "plus", "web.config.html": "x"}


class Filtering(ModuleTest):
    @classmethod
    def build(cls):
        for name, section in FOLDERS.items():
            section = f"<security><requestFiltering {ATTRIBUTES.get(name, '')}>{section}</requestFiltering></security>"
            cls.folder(name, section, FILES)
        cls.folder("raw", '<security><requestFiltering unescapeQueryString="false">' + FOLDERS["querysequence"] + "</requestFiltering></security>", FILES)
        cls.folder("defaults", "", {**FILES, "x.cs": "source", "App_Data/data.html": "data"})

    def check(self, table):
        for target, expected in table.items():
            with self.subTest(target[:60]):
                self.assertEqual(self.status(target), expected)

    def test_what_is_shipped_hides_configuration_sources_and_data(self):
        self.check({"/defaults/page.html": "200", "/defaults/bin/page.html": "404.8", "/defaults/BIN/page.html": "404.8", "/defaults/App_Data/data.html": "404.8",
                    "/plain/web.config": "404.7", "/defaults/x.cs": "404.7", "/defaults/x.CS": "404.7", "/defaults/x.cs/info": "404.7",
                    "/defaults/nothing.rules": "404.7", "/defaults/web.config.html": "200"})

    def test_double_escaping(self):
        self.check({"/plain/page%2ehtml": "200", "/plain/page%252ehtml": "404.11", "/plain/a+b.html": "404.11", "/plain/a%2bb.html": "404.11",
                    "/escaping/a+b.html": "200", "/escaping/page%252ehtml": "404.0".removesuffix(".0")})

    def test_high_bit_characters(self):
        self.check({"/plain/%C3%BCn%C3%AFcode.html": "200", "/high/%C3%BCn%C3%AFcode.html": "404.12", "/high/page.html": "200"})

    def test_extensions(self):
        self.check({"/extension/page.txt": "404.7", "/extension/page.TXT": "404.7", "/extension/page.html": "200", "/extension/name": "404.3",
                    "/unlisted/page.html": "200", "/unlisted/page.txt": "404.7", "/unlisted/name": "404.7", "/unlisted/": "404.7",
                    "/dotless/name": "404.3", "/dotless/page.html": "404.7"})

    def test_url_sequences_and_urls_that_are_always_allowed(self):
        self.check({"/sequence/evil.html": "404.5", "/sequence/page.html": "200", "/sequence/%65vil.html": "404.5",
                    "/allowed/evil.txt": "404.5", "/allowed/Evil.html": "200"})

    def test_verbs(self):
        self.check({"/verb/page.html": "404.6", "/verbs/page.html": "200"})
        self.assertEqual(self.server.request("/verb/page.html", "HEAD").status, 200)
        self.assertEqual(self.server.request("/verbs/page.html", "HEAD").status, 404)
        self.assertEqual(self.status("/verbs/page.html", "POST", body=b"x"), "404.6")

    def test_hidden_segments(self):
        self.check({"/segment/private/page.html": "404.8", "/segment/PRIVATE/page.html": "404.8", "/segment/page.html": "200",
                    "/segment/%70rivate/page.html": "404.8", "/segment/private": "404.8", "/plain/private/page.html": "200", "/unhidden/bin/page.html": "200"})

    def test_content_length(self):
        self.assertEqual(self.status("/body/page.html", "POST", body=b"x" * 100), "405")
        self.assertEqual(self.status("/body/page.html", "POST", body=b"x" * 101), "404.13")
        with self.server.connect() as connection:  # the default, announced but not sent
            connection.send_head("/plain/page.html", "POST", [("Content-Length", "30000001"), ("Expect", "100-continue")])
            self.assertEqual(connection.read_answer("POST").status, 404)

    def test_url_length(self):
        self.check({"/url/page.html": "200", "/url/" + "x" * 15: "404", "/url/" + "x" * 16: "404.14", "/url/%70age.html?" + "x" * 100: "200",
                    "/plain" + ("/" + "x" * 99) * 41: "404.14"})

    def test_query_length(self):
        self.check({"/query/page.html?" + "x" * 20: "200", "/query/page.html?" + "x" * 21: "404.15", "/plain/page.html?" + "x" * 2049: "404.15",
                    "/plain/page.html?" + "x" * 2048: "200"})

    def test_header_length(self):
        self.assertEqual(self.status("/header/page.html", headers=[("X-Long", "x" * 10)]), "200")
        self.assertEqual(self.status("/header/page.html", headers=[("x-long", "x" * 11)]), "404.10")

    def test_query_sequences_raw_and_decoded(self):
        self.check({"/querysequence/page.html?a=evil": "404.18", "/querysequence/page.html?a=EVIL": "404.18", "/querysequence/page.html?a=%65vil": "404.18",
                    "/querysequence/page.html?a=good": "200", "/querysequence/page.html?not=evil": "200", "/raw/page.html?a=evil": "404.18",
                    "/raw/page.html?a=%65vil": "200"})

    def test_filtering_rules(self):
        self.check({"/rule/evil.html": "404.19", "/rule/page.html": "200", "/rule/page.html?evil": "200", "/rule/%65vil.html": "404.19",
                    "/rulequery/page.html?evil": "404.19", "/rulequery/page.html?%65vil": "404.19", "/rulequery/evil.html": "200",
                    "/ruletype/evil.txt": "404.19", "/ruletype/evil.html": "200",
                    "/percent/page.html?100%": "404.19", "/percent/page.html?100%25": "200", "/nopercent/page.html?100%": "200"})
        self.assertEqual(self.status("/ruleheader/page.html", headers=[("X-Word", "so evil")]), "404.19")
        self.assertEqual(self.status("/ruleheader/page.html", headers=[("X-Other", "so evil")]), "200")
        self.assertEqual(self.status("/ruleall/page.html", headers=[("X-Other", "so evil")]), "404.19")
        self.assertEqual(self.status("/ruleall/page.html", headers=[("X-Other", "good")]), "200")


class Chunked(ModuleTest):
    @classmethod
    def build(cls):
        cls.place.add_example("md5_post")
        cls.folder("body", '<security><requestFiltering><requestLimits maxAllowedContentLength="100"/></requestFiltering></security>')
        cls.place.add_example("md5_post", folder=cls.site_folder / "body")

    def test_a_body_without_a_length_is_measured_while_it_is_read(self):
        for size, expected in ((100, 200), (101, 404), (100_000, 404)):
            with self.server.connect() as connection:
                connection.send_chunked("/body/md5_post.so", b"x" * size)
                self.assertEqual(connection.read_answer("POST").status, expected, size)


class Absent(ModuleTest):
    """Without the module nobody filters; a section that somebody has written is not passed over."""

    @classmethod
    def build(cls):
        cls.folder("free", modules_without("RequestFilteringModule"), {"bin/page.html": "bin"}, locked=True)
        cls.folder("guarded", modules_without("RequestFilteringModule"), locked=True)
        (cls.site_folder / "guarded/sub").mkdir()
        cls.folder("guarded/sub", "<security><requestFiltering><hiddenSegments><add segment='x'/></hiddenSegments></requestFiltering></security>")

    def test_nothing_is_filtered(self):
        self.assertEqual(self.status("/free/bin/page.html"), "200")

    def test_a_written_section_is_never_passed_over(self):
        self.assertEqual(self.status("/guarded/page.html"), "200")
        self.assertEqual(self.status("/guarded/sub/page.html"), "500.19")


if __name__ == "__main__":
    unittest.main()
