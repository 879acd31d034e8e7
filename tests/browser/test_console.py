"""The console and the public pages in a browser, served as an operator serves them."""

import re
from pathlib import Path

import httpx
import pytest

from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser

PUBLIC = ["/", "/problems", "/problems/validation-error", "/deprecations/v1"]


def test_an_operator_finds_every_part_of_the_console(console: Tab, tmp_path: Path) -> None:
    for what, where, shown in (
        ("Loads", "/admin/ops/load/", "forward-curve_2026-05-29.json"),
        ("Quarantined rows", "/admin/ops/quarantinedrow/", "invalid_price"),
        ("Flags", "/admin/ops/flag/", "Select Flag to change"),
        ("API keys", "/admin/ops/apikey/", "Select API key to change"),
        ("Audit events", "/admin/ops/auditevent/", "Select audit event to view"),
        ("Caches", "/admin/ops/cachereport/", "Select cache to view"),
        ("Tenants", "/admin/ops/tenant/", "Select tenant to change"),
        ("Users", "/admin/ops/user/", "chief@example.com"),
    ):
        console.open("/admin/")
        console.follow(f"#content-main >> a:text-is('{what}')")
        assert console.page.url == f"{console.base}{where}"
        assert shown in console.page.inner_text("#content")
        console.page.screenshot(path=tmp_path / f"{what}.png")
    assert console.complaints == []


def test_a_load_leads_to_what_it_did(console: Tab) -> None:
    console.open("/admin/ops/load/?q=forward")
    console.follow("#result_list tbody a")
    text = console.page.inner_text("#content")
    assert "forward-curve_2026-05-29.json" in text
    assert "Quarantined" in text
    assert console.complaints == []


def test_a_key_is_made_with_its_tenant_shown_once_and_works(console: Tab) -> None:
    page = console.page
    console.open("/admin/ops/apikey/add/")
    page.fill("#id_name", "a notebook")
    with page.expect_popup() as opened:
        page.click("#add_id_tenant")
    opened.value.fill("#id_slug", "acme")
    opened.value.fill("#id_name", "Acme")
    with opened.value.expect_event("close"):
        opened.value.click("[name=_save]")
    console.follow("[name=_save]")
    told = page.inner_text(".messagelist")
    (whole,) = re.findall(r"au_\w+\.[\w-]{43}", told)
    asked = {"X-API-Key": whole, "X-Forwarded-For": "192.0.2.7"}
    for headers, status in ((asked, 200), (asked | {"X-API-Key": f"{whole}x"}, 401)):
        answer = httpx.get(f"{console.base}/v1/curves?limit=1", headers=headers)
        assert answer.status_code == status
    page.reload()
    assert whole not in page.content()
    assert console.complaints == []


def test_a_flag_is_made_and_its_change_is_in_the_audit(console: Tab) -> None:
    page = console.page
    console.open("/admin/ops/flag/add/")
    page.fill("#id_name", "new-strips")
    page.fill("#id_percent", "12.5")
    console.follow("[name=_save]")
    console.follow("#result_list a:text-is('new-strips')")
    page.fill("#id_percent", "25")
    console.follow("[name=_save]")
    console.open("/admin/ops/auditevent/?q=new-strips")
    text = page.inner_text("#result_list")
    assert '"percent": "12.500"' in text
    assert '"percent": "25.000"' in text
    assert console.complaints == []


def test_signing_out_closes_the_console(console: Tab) -> None:
    console.follow("text=Log out")
    console.open("/admin/ops/load/")
    assert "/admin/login/" in console.page.url
    assert console.complaints == []


def test_every_link_of_the_first_page_leads_somewhere(tab: Tab) -> None:
    tab.open("/")
    found = tab.page.eval_on_selector_all(
        "main a", "links => links.map(a => a.getAttribute('href'))"
    )
    assert len(found) >= 5
    for path in found:
        answer = tab.page.request.get(f"{tab.base}{path}")
        assert answer.status == 200, path
    assert tab.complaints == []


def test_a_reader_goes_from_the_catalogue_to_an_error_and_back(tab: Tab) -> None:
    tab.open("/problems")
    tab.follow("a[href='/problems/validation-error']")
    assert tab.page.url == f"{tab.base}/problems/validation-error"
    tab.follow("text=All errors")
    assert tab.page.url == f"{tab.base}/problems"
    assert tab.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PUBLIC)
def test_no_public_page_scrolls_sideways(tab: Tab, path: str, width: int, tmp_path: Path) -> None:
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.open(path)
    tab.page.screenshot(path=tmp_path / "page.png", full_page=True)
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    assert tab.complaints == []


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_has_a_title_a_heading_and_a_language(tab: Tab, path: str) -> None:
    tab.open(path)
    assert "Aurum" in tab.page.title()
    assert tab.page.locator("h1").count() == 1
    assert tab.page.get_attribute("html", "lang") == "en"
