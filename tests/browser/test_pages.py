"""The pages of lists in a browser: whole, usable from a keyboard and on a phone, and quick."""

import re

import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.browser.conftest import Tab, serious
from tests.browser.test_portal import PHONE, overhang

pytestmark = pytest.mark.browser

ROUTES = [route for route in all_routes() if route.path.startswith("v2/")]
OBSERVATIONS = "/v2/curves/observations?location=Western%20Hub&block=ON_PEAK"
PEOPLE = ("/", "/v1", "/v2", "/openapi", "/v2/curves?limit=none", "/v2/nowhere")
FIRST_PAINT_MS = 1_000


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_page_renders_and_anyone_can_use_it(tab: Tab, route: Route) -> None:
    tab.open(f"{route.example_path}?{route.example}")
    assert tab.page.inner_text("h1")
    assert serious(tab) == []
    tab.page.set_viewport_size(PHONE)
    assert overhang(tab) == 0
    tab.page.emulate_media(color_scheme="dark")
    assert serious(tab) == []
    assert tab.complaints == []


@pytest.mark.parametrize("path", PEOPLE)
def test_roots_and_refusals_can_be_used_by_anyone(tab: Tab, path: str) -> None:
    tab.page.goto(f"{tab.base}{path}")
    assert serious(tab) == []
    tab.page.set_viewport_size(PHONE)
    assert overhang(tab) == 0


def test_a_picture_is_there_and_leads_to_another(tab: Tab) -> None:
    tab.open(OBSERVATIONS)
    image = tab.page.locator("figure img")
    image.scroll_into_view_if_needed()
    tab.page.wait_for_load_state("networkidle")
    assert image.evaluate("image => image.naturalWidth") > 500
    tab.follow("nav.plots >> a:text-is('history')")
    assert "plot=history" in tab.page.url
    assert "plot=history" in (tab.page.get_attribute("figure img", "src") or "")
    assert tab.complaints == []


def test_a_picture_can_be_zoomed_and_read(tab: Tab) -> None:
    tab.page.set_default_timeout(90_000)  # the script is made when it is first asked for
    tab.open(OBSERVATIONS)
    tab.page.click("nav.plots button")
    tab.page.wait_for_selector("figure svg.marks")
    tab.page.locator("figure svg .mark-symbol path").nth(20).hover(force=True)
    assert "USD/MWh" in tab.page.inner_text("#vg-tooltip-element")
    labels = tab.page.locator("figure svg .role-axis-label").first
    before = labels.text_content()
    tab.page.locator("figure svg").hover()
    tab.page.mouse.wheel(0, -400)
    tab.page.wait_for_timeout(300)
    assert labels.text_content() != before
    assert tab.complaints == []


def test_rows_are_sorted_from_the_keyboard(tab: Tab) -> None:
    tab.open(f"{OBSERVATIONS}&fields=tenor_label,mid&limit=20")
    cells = "table.rows tbody td:nth-child(2)"
    tab.page.focus("table.rows th:nth-child(2) button")
    for sign in (1, -1):
        tab.page.keyboard.press("Enter")
        found = [float(text) for text in tab.page.locator(cells).all_inner_texts()]
        assert found == sorted(found, reverse=sign < 0)
    assert tab.page.get_attribute("table.rows th:nth-child(2)", "aria-sort") == "descending"


def test_the_form_asks_and_leaves_out_what_is_empty(tab: Tab) -> None:
    tab.open("/v2/curves")
    tab.page.click("details.ask summary")
    tab.page.fill("#f-location", "Western Hub")
    tab.page.press("#f-location", "Enter")
    tab.page.wait_for_url(re.compile("location="))
    assert "asset_class" not in tab.page.url
    assert "Western Hub" in tab.page.inner_text("table.rows")


def test_the_call_to_copy_is_of_this_server(tab: Tab) -> None:
    tab.open(OBSERVATIONS)
    (first, second) = tab.page.locator("pre[data-copy] code").all_inner_texts()
    assert first.startswith(f"curl '{tab.base}/v2/curves/observations?")
    assert f'read_csv("{tab.base}/v2/' in second


def test_the_first_paint_comes_soon(tab: Tab) -> None:
    tab.open(OBSERVATIONS)  # the server's first page imports what pages need
    tab.open(OBSERVATIONS)
    tab.page.wait_for_load_state("networkidle")
    painted = tab.page.evaluate("performance.getEntriesByType('paint').map(one => one.startTime)")
    assert painted
    assert max(painted) < FIRST_PAINT_MS
