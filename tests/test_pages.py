"""Every list and single thing of v2 as a page, and its rows as pictures."""

import asyncio
import json
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from aurum.api.formats import PICTURES
from aurum.api.pages import plots
from aurum.api.pages.drawing import DRAWER, MOST_WAITING, Drawer
from aurum.api.routes import Route
from aurum.domains import all_routes
from aurum.errors import DeadlineExceeded, Overloaded, Problem
from tests.conftest import Api, Market, Run
from tests.contract import bad_field, example, fields_of, problem
from tests.factories import curve_csv, months

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


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is drawn, in place of the pictures."""
    found: list[dict[str, Any]] = []

    async def draw(spec: dict[str, Any], form: str) -> bytes:
        found.append(json.loads(json.dumps(spec)))
        return form.encode()

    monkeypatch.setattr(DRAWER, "draw", draw)
    return found


def values(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spec.get("layer", [spec])[-1]["data"]["values"]
    return found


@pytest.mark.usefixtures("some_demo_data")
@pytest.mark.parametrize("route", PLOTTED, ids=lambda route: route.name)
def test_each_plot_of_a_list_shows_its_rows(
    api: Api, route: Route, specs: list[dict[str, Any]]
) -> None:
    asked = {name: value for name, value in example(route).items() if name != "limit"}
    for plot in route.view.result_schema.plots:  # type: ignore[attr-defined]
        for form in PICTURES:
            answer = api.get(
                route.example_path, params={**asked, "plot": plot.name, "format": form}
            )
            assert answer.status_code == 200, answer.text
            assert answer.content == form.encode() or form == "vegalite"
        assert len([one for one in values(specs[-1]) if one["v"] is not None]) > 1
    assert bad_field(api.get(route.example_path, params={**asked, "plot": plot.name}), "plot")


HOUR = timedelta(hours=1)


def prices(market: Market, first: str, hours: int) -> None:
    """Hourly day-ahead prices of a hub of PJM from an instant on."""
    start, head = datetime.fromisoformat(first), "iso,market,location_id,interval_start"
    lines = (
        f"PJM,DAY_AHEAD,51288,{start + number * HOUR:%Y-%m-%dT%H:%MZ},60,{30 + number}\n"
        for number in range(hours)
    )
    market.load("iso.csv", f"{head},interval_minutes,price_total\n{''.join(lines)}")


@pytest.mark.parametrize(
    ("first", "hours"), [("2025-03-09T05:00:00Z", 23), ("2024-11-03T04:00:00Z", 25)]
)
def test_a_day_of_23_or_25_hours_is_as_long_as_it_is(
    market: Market, api: Api, specs: list[dict[str, Any]], first: str, hours: int
) -> None:
    prices(market, first, hours)
    api.get(LMP, params={"format": "svg"})
    places = sorted({one["x"] for one in values(specs[-1])})
    assert len(places) == hours + 1  # and where the last one ends
    assert {b - a for a, b in pairwise(places)} == {3_600_000}
    axis = specs[-1]["encoding"]["x"]["axis"]
    assert "12:00" in axis["labelExpr"]
    offset = "-04:00" if hours == 23 else "-05:00"
    noon = datetime.fromisoformat(f"{first[:10]}T12:00:00{offset}")
    assert noon.timestamp() * 1000 in axis["values"]
    api.get(LMP, params={"format": "svg", "plot": "heat"})
    assert [one["h"] for one in values(specs[-1])] == list(range(1, hours + 1))


def test_the_peak_is_shaded_by_the_calendar_of_the_market(
    market: Market, api: Api, specs: list[dict[str, Any]]
) -> None:
    prices(market, "2025-09-26T04:00:00Z", 4 * 24)  # from a Friday to a Monday
    api.get(LMP, params={"format": "svg"})
    shades = specs[-1]["layer"][0]["data"]["values"]
    assert [(one["b"] - one["a"]) / 3_600_000 for one in shades] == [16, 16]


def test_a_picture_never_makes_one_line_of_two(
    market: Market, api: Api, specs: list[dict[str, Any]]
) -> None:
    """Of price types, of places that begin alike, of a month and a quarter that begin alike."""
    long = "WESTERN INTERCONNECTION ZONE NUMBER {} WITH A LONG NAME"
    rows = [
        {**row, "price_type": kind, "location": long.format(place)}
        for place in ("ONE", "TWO")
        for kind in ("MID", "SETTLE")
        for row in (
            *months("2026-01", 3, units_raw="$/MWh"),
            {"tenor_label": "Q1 2026", "mid": 9, "units_raw": "$/MWh"},
        )
    ]
    market.load("curves.csv", curve_csv(rows))
    api.get(OBSERVATIONS, params={"format": "svg"})
    by_series: dict[str, list[int]] = {}
    for point in values(specs[-1]):
        by_series.setdefault(point["s"], []).append(point["x"])
    assert all(len(places) == len({*places}) for places in by_series.values())
    assert sorted(map(len, by_series.values())) == [1] * 4 + [3] * 4
    api.get("/v2/curves/strips", params={"format": "svg", "type": "QUARTER"})
    bars = [(point["x"], point["s"]) for point in values(specs[-1])]
    assert len(bars) == len({*bars}) == 4
    keys = [row["curve_key"] for row in api.rows("/v2/curves")]
    spread = {"leg_a": keys[0], "leg_b": keys[1], "format": "svg"}
    api.get("/v2/curves/spreads", params=spread)
    lines = [(point["x"], point["s"]) for point in values(specs[-1])]
    assert len(lines) == len({*lines}) == 8


def test_a_line_ends_where_intervals_are_missing() -> None:
    hour = 3_600_000
    made = plots._with_gaps({"a": [{"x": n * hour, "v": 1.0} for n in (0, 1, 2, 6, 7)]})
    assert [(one["x"] // hour, one["v"]) for one in made] == [
        (0, 1.0), (1, 1.0), (2, 1.0), (3, None), (6, 1.0), (7, 1.0), (8, 1.0),
    ]  # fmt: skip


def test_a_specification_for_the_browser_can_be_zoomed_and_read(market: Market, api: Api) -> None:
    prices(market, "2025-10-31T04:00:00Z", 73)
    answer = api.get(LMP, params={"format": "vegalite"})
    assert answer.headers["content-type"] == "application/vnd.vegalite.v6+json"
    lines = answer.json()["layer"][-1]
    assert lines["params"][0]["bind"] == "scales"
    assert [one["title"] for one in lines["encoding"]["tooltip"]] == [
        "interval_start", "series", "price_total [USD/MWh]",
    ]  # fmt: skip
    texts = [one["t"] for one in values(answer.json())]
    assert {"2025-11-02T01:00:00-04:00", "2025-11-02T01:00:00-05:00"} <= {*texts}


def test_a_picture_of_nothing_says_so(
    market: Market, api: Api, specs: list[dict[str, Any]]
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    assert api.get(OBSERVATIONS, params={"iso": "XYZ", "format": "svg"}).status_code == 200
    assert specs[-1]["title"]["text"] == "No rows match."


def test_a_picture_is_drawn(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 5)))
    svg = api.get(OBSERVATIONS, params={"format": "svg"})
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text.startswith("<svg")
    assert "MID" in svg.text
    png = api.get(OBSERVATIONS, params={"format": "png"})
    assert png.content.startswith(b"\x89PNG")
    assert api.get(OBSERVATIONS, headers={"Accept": "image/png"}).content == png.content
    DRAWER.close()


def test_lists_without_a_plot_offer_no_picture(market: Market, api: Api) -> None:
    error = bad_field(api.get("/v2/curves", params={"format": "svg"}), "format")
    assert "svg" not in error["constraint"]
    problem(api.get("/v2/curves", headers={"Accept": "image/png"}), 406, "not-acceptable")


def test_pages_do_not_wait_for_pictures(run: Run[Any]) -> None:
    drawer = Drawer()

    async def crowd() -> int:
        with drawer._turn:  # as while a drawing hangs
            waiting = [asyncio.create_task(drawer.draw({}, "svg")) for _ in range(MOST_WAITING)]
            await asyncio.sleep(0)
            with pytest.raises(Overloaded):
                await drawer.draw({}, "svg")
            async with asyncio.timeout(2):
                made = await asyncio.to_thread(sum, (1, 2))
            for one in waiting:
                one.cancel()
            left = await asyncio.gather(*waiting, return_exceptions=True)
            assert all(isinstance(one, asyncio.CancelledError) for one in left)
            assert len(drawer._waiting) == 1  # what has begun counts until it is done
        return made

    try:
        assert run(crowd()) == 3
    finally:
        drawer._threads.shutdown()
        drawer.close()


def test_a_drawing_process_that_dies_or_hangs_is_replaced(
    run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer = Drawer()
    bar = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    try:
        first = run(drawer.draw(bar, "svg"))
        assert first.startswith(b"<svg")
        assert drawer._process is not None
        drawer._process.kill()
        drawer._process.wait()
        assert run(drawer.draw(bar, "svg")) == first
        with pytest.raises(Problem):
            run(drawer.draw({"mark": "nonsense"}, "svg"))
        monkeypatch.setattr("aurum.api.pages.drawing.SECONDS", 0.01)
        many = {"data": {"sequence": {"start": 0, "stop": 200_000, "as": "a"}}, **bar}
        many["data"] = {"sequence": {"start": 0, "stop": 200_000, "as": "a"}}
        with pytest.raises(DeadlineExceeded):
            run(drawer.draw(many, "svg"))
        monkeypatch.setattr("aurum.api.pages.drawing.SECONDS", 20.0)
        assert run(drawer.draw(bar, "svg")) == first
        monkeypatch.setattr("aurum.api.pages.drawing.MOST_WAITING", 0)
        with pytest.raises(Overloaded):
            run(drawer.draw(bar, "svg"))
    finally:
        drawer.close()
