"""The documentation in a browser: whole on a phone, and from no other machine."""

import pytest

from aurum.portal.articles import articles
from tests.browser.conftest import Tab, serious

pytestmark = pytest.mark.browser

PAGES = ("/docs", "/docs/trader", "/docs/iso", "/docs/operations", "/docs/feeds/iso.pjm_lmp")
PHONE = {"width": 390, "height": 800}


def overhang(tab: Tab) -> int:
    """By how many pixels the page is wider than the window."""
    found = tab.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return int(found)


def complaints(tab: Tab) -> list[str]:
    """All but Redoc's search, which runs from a script that the page has made itself."""
    own = f"asked another machine: blob:{tab.base}/"
    return [text for text in tab.complaints if not text.startswith(own)]


def test_no_guide_is_wider_than_a_phone(tab: Tab) -> None:
    tab.page.set_viewport_size(PHONE)
    for guide in articles().values():
        tab.open(guide.path)
        assert overhang(tab) == 0, guide.path
    assert not complaints(tab)


@pytest.mark.parametrize("path", [*PAGES, "/docs/search?q=heat+rate", "/docs/search?q=nowhere"])
def test_a_page_can_be_used_by_anyone_by_day_and_by_night(tab: Tab, path: str) -> None:
    tab.page.set_viewport_size(PHONE)
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        tab.open(path)
        assert serious(tab) == []
        assert overhang(tab) == 0
    assert not complaints(tab)


def test_an_example_is_copied_as_it_is_for_this_server(tab: Tab) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open("/docs/trader")
    buttons = tab.page.locator("article pre button")
    assert buttons.count() == tab.page.locator("article pre code.language-sh").count()
    buttons.first.click()
    tab.page.wait_for_selector("article pre button:text-is('Copied')")
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl '{tab.base}/v2/curves?iso=PJM")
    assert copied.rstrip().endswith("'")
    assert not complaints(tab)


def test_a_word_is_searched_from_any_guide(tab: Tab) -> None:
    tab.open("/docs/caching")
    tab.page.fill("input[type=search]", "heat rate")
    with tab.page.expect_navigation():
        tab.page.press("input[type=search]", "Enter")
    tab.follow("ol.found a >> nth=0")
    assert tab.page.url == f"{tab.base}/docs/units#heat-rates"
    assert not complaints(tab)


def test_the_reference_shows_how_to_call_this_server(tab: Tab) -> None:
    tab.open("/docs/reference")
    tab.page.wait_for_selector("text=Request samples")
    assert f"{tab.base}/v2/curves?" in tab.page.inner_text("[role=tabpanel] pre >> nth=0")
    assert "^(" not in tab.page.inner_text("redoc, .redoc-wrap")
    assert not complaints(tab)


def test_the_reference_is_readable_by_night(tab: Tab) -> None:
    tab.page.emulate_media(color_scheme="dark")
    tab.open("/docs/reference")
    tab.page.wait_for_selector("text=Request samples")
    # Redoc's own scrolling boxes of code cannot be reached by keyboard, by day either.
    assert serious(tab, but="scrollable-region-focusable") == []


@pytest.mark.parametrize("path", ["/docs/reference", "/docs/reference/v1"])
def test_the_reference_is_drawn_and_asks_no_other_machine(tab: Tab, path: str) -> None:
    tab.open(path)
    tab.page.wait_for_selector("text=Response samples")
    tab.page.set_viewport_size(PHONE)
    assert overhang(tab) == 0
    assert not complaints(tab)


def test_the_reference_can_be_searched(tab: Tab) -> None:
    tab.open("/docs/reference")
    tab.page.wait_for_selector("text=Response samples")
    tab.page.fill("[role=search] input", "spread")
    tab.page.click("[data-role='search:results'] >> text=Spreads of two curves")
    tab.page.wait_for_url("**/get_v2_curves_spreads")
    assert not complaints(tab)
