"""Every list and single thing of v2 as a page, and its rows as pictures."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.conftest import Api, Market
from tests.contract import bad_field, example, fields_of, problem
from tests.factories import curve_csv, months
from tests.iso.conftest import hours, lmp

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"}
ROUTES = [route for route in all_routes() if route.path.startswith("v2/")]
PLOTTED = [route for route in ROUTES if "svg" in route.view.formats()]
OBSERVATIONS, LMP = "/v2/curves/observations", "/v2/iso/lmp"


class Page(HTMLParser):
    """What is in a page: elements by name, each with its attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.elements if name == tag]

    def names(self) -> set[str]:
        """Of the form's controls."""
        return {one["name"] for tag in ("input", "select") for one in self.all(tag)}


def page(api: Api, path: str, **more: Any) -> Page:
    answer = api.get(path, headers=BROWSER, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return Page(answer.text)


@pytest.mark.usefixtures("some_demo_data")
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_has_a_page_with_its_rows_and_its_filters(api: Api, route: Route) -> None:
    found = page(api, route.example_path, params=example(route))
    answer = api.get(route.example_path, params=example(route)).json()
    rows = answer["data"] if isinstance(answer["data"], list) else [answer["data"]]
    for name, value in rows[0].items():
        assert name in found.text
        if isinstance(value, str) and len(value) <= 24:
            assert value in found.text
    assert len(found.all("tr")) == len(rows) + 1 if isinstance(answer["data"], list) else rows[0]
    if "limit" in fields_of(route):
        asked = {*fields_of(route)} - {"cursor", "format", "shape", "timestamps", "end_record"}
        assert found.names() == asked - {"plot"}
    for link in found.all("a") + found.all("img"):
        where = urlsplit(link.get("href") or link["src"])
        assert not where.netloc


@pytest.mark.usefixtures("some_demo_data")
def test_the_page_offers_all_of_it_as_files_and_the_next_rows(api: Api) -> None:
    found = page(api, OBSERVATIONS, params={"iso": "PJM", "limit": "3"})
    links = [link["href"] for link in found.all("a")]
    for form in ("csv", "xlsx", "parquet", "arrow", "ndjson"):
        assert f"{OBSERVATIONS}?iso=PJM&format={form}" in links
    (after,) = [link for link in links if "cursor=" in link]
    assert "limit=3" in after
    second = page(api, after)
    assert any(link.get("rel") == "prev" for link in second.all("a"))
    key = next(link for link in links if re.fullmatch(r"/v2/curves/[0-9a-f]{64}", link))
    assert "Western Hub" in page(api, key).text or page(api, key).text


@pytest.mark.usefixtures("some_demo_data")
def test_a_form_sends_what_was_left_empty_and_is_led_on_without_it(api: Api) -> None:
    sent = f"{OBSERVATIONS}?iso=PJM&location=&limit=2&fields=&price_type="
    answer = api.get(sent, headers=BROWSER)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{OBSERVATIONS}?iso=PJM&limit=2"
    assert bad_field(api.get(sent), "location")
    found = page(api, answer.headers["location"])
    assert {"name": "iso", "value": "PJM"}.items() <= next(
        one for one in found.all("input") if one["name"] == "iso"
    ).items()


def test_what_was_perhaps_meant_is_a_link(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    name = api.rows(OBSERVATIONS, params={"fields": "location"})[0]["location"]
    found = page(api, OBSERVATIONS, params={"location": f"{name}x"})
    assert "Nothing matches these filters." in found.text
    (link,) = [one["href"] for one in found.all("a") if "location=" in one["href"]][:1]
    assert dict(parse_qsl(urlsplit(link).query)) == {"location": name}


def test_a_place_leads_to_its_own_prices(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(*(hours("2026-01-15T05:00Z", 1, series=f"{iso}:DAY_AHEAD:1")
                                 for iso in ("PJM", "SPP"))))  # fmt: skip
    found = page(api, "/v2/iso/lmp?fields=location_id,iso,market")
    links = [one["href"] for one in found.all("a") if "location_id=1" in one["href"]]
    wanted = "/v2/iso/lmp?location_id=1&iso={}&market=DAY_AHEAD"
    assert [link for link in links if "&iso=" in link] == [
        wanted.format("PJM"),
        wanted.format("SPP"),
    ]


def test_words_of_a_file_stay_words(market: Market, api: Api) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    market.load(
        "curves.csv", curve_csv([{**row, "location": nasty} for row in months("2025-10", 1)])
    )
    for asked in ({"fields": "location,mid"}, {"fields": "location,mid", "location": nasty}):
        found = page(api, OBSERVATIONS, params=asked)
        assert nasty in found.text
        assert not [one for one in found.all("img") if "onerror" in one]


def test_an_error_in_a_browser_is_a_page_that_names_the_field(market: Market, api: Api) -> None:
    answer = api.get(f"{OBSERVATIONS}?limit=none&iso=PJM", headers=BROWSER)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "from 1 to 10000" in answer.text
    assert problem(api.get(f"{OBSERVATIONS}?limit=none"), 400, "validation-error")
    assert problem(api.get(f"{OBSERVATIONS}?limit=none&format=html"), 400, "validation-error")
