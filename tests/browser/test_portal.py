"""The documentation in a browser: whole on a phone, and from no other machine."""

import pytest

from aurum.portal.articles import articles
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser

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
