"""The documentation as pages: what is written is shown, leads somewhere, and is answered."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from aurum.domains import domains
from aurum.errors import catalogue
from aurum.openapi import EXAMPLE_ORIGIN
from aurum.portal import markdown
from aurum.portal.articles import DOCS, GUIDES, articles, navigation
from tests.conftest import Api, Market, shown_demo
from tests.test_docs import blocks

ASKED = re.compile(r"""/v[12]/[\w/-]+\?[^\s'"`)<>]+""")
FOLDER = DOCS / "portal"
NAMES = [name for names in GUIDES.values() for name in names]
PATHS = [article.path for article in articles().values()]
IN_NAVIGATION = {one.path for listed in navigation().values() for one in listed}
REFERENCES = ["/docs/reference", "/docs/reference/v1"]


class Page(HTMLParser):
    """What a page links to and loads, which anchors it has, and its words outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.words = ""
        self._code = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._code += tag in ("code", "style", "script")
        self.anchors |= {found["id"]} if "id" in found else set()
        if tag == "a":
            self.links.append(found["href"])
        elif tag != "html" and found.get("rel") != "alternate":
            self.loaded += [found[name] for name in ("src", "href", "spec-url") if name in found]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "style", "script")

    def handle_data(self, data: str) -> None:
        self.words += data if not self._code else ""


def page(api: Api, path: str) -> Page:
    answer = api.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    assert answer.headers["content-type"].startswith("text/html")
    return Page(answer.text)


def test_every_guide_that_is_written_is_shown() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(NAMES)


def test_what_is_said_of_data_and_of_running_it_is_shown() -> None:
    of_domains = {domain.name for domain in domains()}
    of_feeds = {f"feeds/{feed.name}" for domain in domains() for feed in domain.feeds}
    assert {"operations", "engines", "feeds", "settings"} | of_domains | of_feeds | set(
        NAMES
    ) == set(articles())
    assert {path.stem for path in (DOCS / "feeds").glob("*.md")} == {
        name.removeprefix("feeds/") for name in of_feeds
    }


@pytest.mark.parametrize("path", PATHS)
def test_a_guide_leads_to_the_others_and_shows_no_markup(api: Api, path: str) -> None:
    found = page(api, path)
    assert {*IN_NAVIGATION, "/docs/reference"} <= set(found.links)
    assert not re.search(r"`|\]\(|\*\*|&lt;|^#", found.words, re.M)


@pytest.mark.parametrize("path", [*PATHS, *REFERENCES, "/", "/problems"])
def test_every_link_of_a_page_leads_to_something(api: Api, path: str) -> None:
    for link in page(api, path).links:
        where, anchor = urlsplit(link).path, urlsplit(link).fragment
        if urlsplit(link).netloc or where.startswith(("/admin", "/v")):
            continue  # the console asks who is there; domains' tests ask their own questions
        assert not anchor or anchor in page(api, where or path).anchors, link
        assert api.get(where or path).status_code == 200, link


@pytest.mark.parametrize("path", [*PATHS, *REFERENCES])
def test_a_page_loads_nothing_from_elsewhere_and_forbids_it(api: Api, path: str) -> None:
    policy = api.get(path).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    for address in page(api, path).loaded:
        assert address.startswith(("/static/", "/openapi/", "data:")), address


def test_the_reference_draws_the_document_of_its_version(api: Api) -> None:
    for path, version in zip(REFERENCES, ("v2", "v1"), strict=True):
        found = page(api, path)
        assert f"/openapi/{version}.json" in found.loaded
        scripts = [a.removeprefix("/static/") for a in found.loaded if a.startswith("/static/")]
        assert len(scripts) == 2
        assert all(finders.find(script) for script in scripts)
    assert api.get("/docs/reference/v3").status_code == 404
    assert api.get("/docs/none").status_code == 404


def test_the_first_page_leads_to_the_guides(api: Api) -> None:
    assert {"/docs", "/docs/reference"} <= set(page(api, "/").links)


def test_code_in_the_words_of_a_problem_is_shown_as_code(api: Api) -> None:
    for slug in catalogue():
        assert "`" not in page(api, f"/problems/{slug}").words
    assert "<code>X-API-Key: &lt;key&gt;</code>" in api.get("/problems/unauthorized").text


def test_markdown_is_no_way_into_the_page() -> None:
    for text in ("<script>x</script>", "[a](javascript:x)", "![a](javascript:x)"):
        assert "<script" not in markdown.render(text, link=str)
        assert 'href="javascript' not in markdown.render_inline(text)


def test_a_page_of_a_feed_is_found_from_the_list_of_feeds(api: Api) -> None:
    feeds = {path for path in PATHS if path.startswith("/docs/feeds/")}
    assert feeds <= set(page(api, "/docs/feeds").links)
    answer = api.get("/docs/feeds/iso.pjm_lmp").text
    assert '<a href="/docs/iso#iso_lmp">' in answer
    assert '<a href="/docs/feeds" aria-current="page">' in answer
    assert "<title>iso.pjm_lmp - Aurum</title>" in answer


@pytest.mark.parametrize("name", ["trader", "operations"])
def test_examples_name_the_server_that_shows_them(api: Api, name: str) -> None:
    for path in (f"/docs/{name}", f"/docs/{name}.md"):
        for host in ("localhost:9000", "127.0.0.1:8000"):
            text = api.get(path, headers={"Host": host}).text
            assert (f"http://{host}/v2/" in text) is (name == "trader")
            assert host == "127.0.0.1:8000" or EXAMPLE_ORIGIN not in text


@pytest.mark.parametrize("name", articles())
def test_every_page_is_markdown_too(api: Api, name: str) -> None:
    here = articles()[name]
    answer = api.get(here.path_of_text)
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.partition("\n")[0] == here.text.partition("\n")[0]
    assert f'type="text/markdown" href="{here.path_of_text}"' in api.get(here.path).text
    for where, _ in re.findall(r"\]\(([^)#\s]+)(#[^)]*)?\)", answer.text):
        if where.startswith("/docs"):
            assert where.endswith(".md")
            assert where.removeprefix("/docs/").removesuffix(".md") in articles()
        else:
            assert where.startswith("http"), where


def test_there_is_no_markdown_of_another_file(api: Api) -> None:
    for path in ("/docs/README.md", "/docs/..%2FREADME.md", "/docs/feeds/none.md", "/docs/x/y"):
        assert api.get(path).status_code == 404


def test_llms_txt_lists_everything_to_read(api: Api) -> None:
    answer = api.get("/llms.txt", headers={"Host": "localhost:9000"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    listed = re.findall(r"^- \[(.+)\]\(http://localhost:9000(\S+)\): (.+)$", answer.text, re.M)
    paths = [path for _, path, _ in listed]
    assert paths == [
        *("/openapi/v2.json", "/openapi/v1.json"),
        *(article.path_of_text for article in articles().values()),
    ]
    assert all(len(about) < 250 and "](" not in about for _, _, about in listed)
    assert ("Three times", "/docs/time.md") in [one[:2] for one in listed]


@pytest.fixture
def demo(market: Market) -> None:
    """What the guides speak of: the first and the last demo file of each domain, and one more."""
    for domain in domains():
        for name, make in shown_demo([*domain.reference(), *domain.demo()]):
            market.load(domain.feed_for(name).name, make(), name)


def refused_or_empty() -> set[str]:
    """Questions below which a page prints that there are no rows."""
    found = set()
    for name in NAMES:
        asked = ""
        for block in blocks(FOLDER / f"{name}.md"):
            if block.kind == "sh" and ASKED.search(block.body):
                asked = ASKED.findall(block.body)[-1]
            elif asked and block.kind == "json" and not json.loads(block.body).get("data"):
                found.add(asked)
    return found


def rows_in(answer: Any) -> int:
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "application/json":
        data = answer.json()["data"]
        return len(data if isinstance(data, list) else next(iter(data.values())))
    if kind == "text/csv":
        return len(list(csv.DictReader(io.StringIO(answer.text))))
    return len(answer.content)


@pytest.mark.django_db(transaction=True)  # known_at is looked up in a thread of its own
@pytest.mark.usefixtures("demo")
def test_every_question_of_the_guides_finds_rows(api: Api) -> None:
    text = "\n".join((FOLDER / f"{name}.md").read_text() for name in NAMES)
    asked, without = set(ASKED.findall(text)), refused_or_empty()
    assert without < asked
    for question in (q for q in asked - without if "…" not in q):
        answer = api.get(question)
        assert answer.status_code == 200, question
        assert rows_in(answer), question
