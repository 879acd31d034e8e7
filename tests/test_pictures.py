"""The rows of lists as pictures."""

import asyncio
import json
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from aurum.api.formats import PICTURES
from aurum.api.pages import plots
from aurum.api.pages.drawing import DRAWER, MOST_WAITING, Drawer
from aurum.api.routes import Route
from aurum.domains import all_routes
from aurum.errors import DeadlineExceeded, Overloaded, Problem
from tests.conftest import Api, Market, Run
from tests.contract import bad_field, example, problem
from tests.factories import curve_csv, months

PLOTTED = [
    route
    for route in all_routes()
    if route.path.startswith("v2/") and "svg" in route.view.formats()
]
OBSERVATIONS, LMP = "/v2/curves/observations", "/v2/iso/lmp"


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
