"""The search over the documentation: it finds what is written and leads to it."""

import re
from urllib.parse import quote

import pytest

from aurum.portal import markdown
from aurum.portal.search import MOST_FOUND, matches, sections, snippet_of
from tests.aurum.portal.test_portal import Page, page
from tests.conftest import Api


def found(api: Api, asked: str) -> list[str]:
    answer = api.get(f"/docs/search?q={quote(asked)}")
    assert answer.status_code == 200
    return re.findall(r'<li><a href="([^"]+)"', answer.text)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("heat rate", "/docs/units#heat-rates"),
        ("Taking a load BACK", "/docs/operations#taking-a-load-back"),
        ("known_at", "/docs/time#what-was-known"),
        ("quarantine", "/docs/operations#quarantine"),
        ("AURUM_CORS_ORIGINS", None),
        ("25 hours", "/docs/quant#the-day-with-25-hours"),
        ("iso_lmp key", "/docs/iso#iso_lmp"),
    ],
)
def test_what_a_section_is_about_is_found_first(api: Api, asked: str, first: str | None) -> None:
    paths = found(api, asked)
    assert paths
    assert first is None or first in paths[:3]


@pytest.mark.parametrize("asked", ["price", "load", "hour", "xlsx", "retract"])
def test_results_lead_to_anchors_that_are_there(api: Api, asked: str) -> None:
    paths = found(api, asked)
    assert 0 < len(paths) <= MOST_FOUND
    for path in paths:
        where, _, anchor = path.partition("#")
        assert not anchor or anchor in page(api, where).anchors, path


def test_every_heading_is_a_section() -> None:
    for section in sections():
        assert not section.anchor or section.anchor == markdown.slug_of(section.heading)
        assert not re.search(r"\]\(|```", section.text), section.text


def test_all_words_have_to_be_there() -> None:
    assert matches(["strips", "weighting"])
    assert not matches(["strips", "weighting", "nowherewritten"])


def test_the_words_are_marked_in_a_snippet() -> None:
    text = "before " * 40 + "a <b>Heat</b> rate says" + " after" * 60
    shown = snippet_of(text, ["heat", "rate"])
    assert "&lt;b&gt;<mark>Heat</mark>&lt;/b&gt; <mark>rate</mark> says" in shown
    assert shown.startswith("…before")
    assert shown.endswith("after…")
    assert len(shown) < 400


def test_it_repeats_nothing_unescaped(api: Api) -> None:
    asked = "\"><script>alert('x')</script>&lt;"
    answer = api.get(f"/docs/search?q={quote(asked)}")
    assert "<script>alert" not in answer.text
    assert "No section has all of" in answer.text
    assert "&quot;&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;lt;" in answer.text


def test_without_words_it_says_what_it_searches(api: Api) -> None:
    for query in ("", "?q=", "?q=%20%20", "?q=...", "?x=1"):
        answer = api.get(f"/docs/search{query}")
        assert answer.status_code == 200
        assert "Words of the guides" in answer.text
        assert '<ol class="found">' not in answer.text


def test_more_than_a_page_shows_is_counted(api: Api) -> None:
    text = api.get("/docs/search?q=the").text
    (left,) = re.findall(r"<p>(\d+) more sections: add a word", text)
    assert int(left) == len(matches(["the"])) - MOST_FOUND


def test_long_questions_are_cut(api: Api) -> None:
    answer = api.get(f"/docs/search?q={'a' * 3000}")
    assert answer.status_code == 200
    assert "a" * 201 not in answer.text


@pytest.mark.parametrize("path", ["/docs", "/docs/iso", "/docs/feeds/iso.pjm_lmp", "/docs/search"])
def test_every_guide_has_the_box_and_its_policy_lets_it_ask(api: Api, path: str) -> None:
    answer = api.get(path)
    assert '<form class="search" role="search" action="/docs/search">' in answer.text
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert "/docs/reference" in Page(answer.text).links
