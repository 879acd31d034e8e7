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
from aurum.portal import markdown
from aurum.portal.guides import FOLDER, GUIDES, guides
from tests.conftest import Api, Market
from tests.test_docs import blocks, shown_demo

ASKED = re.compile(r"""/v[12]/[\w/-]+\?[^\s'"`)<>]+""")
PATHS = [guide.path for guide in guides().values()]
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
        elif tag != "html":
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
    assert {path.stem for path in FOLDER.glob("*.md")} == set(GUIDES)


@pytest.mark.parametrize("path", PATHS)
def test_a_guide_leads_to_the_others_and_shows_no_markup(api: Api, path: str) -> None:
    found = page(api, path)
    assert {*PATHS, "/docs/reference"} <= set(found.links)
    assert not re.search(r"`|\]\(|\*\*|&lt;|^#", found.words, re.M)


@pytest.mark.parametrize("path", [*PATHS, *REFERENCES, "/", "/problems"])
def test_every_link_of_a_page_leads_to_something(api: Api, path: str) -> None:
    for link in page(api, path).links:
        where, anchor = urlsplit(link).path, urlsplit(link).fragment
        if where.startswith(("/admin", "/v")):
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
        assert "<script" not in markdown.render(text, at="/docs")
        assert 'href="javascript' not in markdown.render_inline(text)


@pytest.fixture
def demo(market: Market) -> None:
    """What the guides speak of: the first and the last demo file of each domain, and one more."""
    for domain in domains():
        for name, make in shown_demo([*domain.reference(), *domain.demo()]):
            market.load(domain.feed_for(name).name, make(), name)


def refused_or_empty() -> set[str]:
    """Questions below which a page prints that there are no rows."""
    found = set()
    for name in GUIDES:
        asked = ""
        for block in blocks(FOLDER / f"{name}.md"):
            if block.kind == "sh" and ASKED.search(block.body):
                asked = ASKED.findall(block.body)[-1]
            elif block.kind == "json" and not json.loads(block.body).get("data"):
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
    text = "\n".join((FOLDER / f"{name}.md").read_text() for name in GUIDES)
    asked, without = set(ASKED.findall(text)), refused_or_empty()
    assert without < asked
    for question in (q for q in asked - without if "…" not in q):
        answer = api.get(question)
        assert answer.status_code == 200, question
        assert rows_in(answer), question
