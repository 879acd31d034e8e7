"""Services as another part of Aurum calls them: plain arguments, a snapshot, and no page."""

from datetime import date

from aurum.market.spans import Span
from aurum.snapshot import current_snapshot
from curves import services as curves
from curves.results import OBSERVATIONS
from iso.services import prices
from tests.conftest import Api, Market, Run
from tests.factories import PJM_WEST_KEY, curve_csv, months
from tests.iso.conftest import hours, lmp


def test_a_service_gives_all_rows_without_a_page(run: Run, market: Market) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1200)))
    page = run(curves.observations(curve_key=PJM_WEST_KEY, columns=("tenor_label", "mid")))
    assert page.columns[:2] == ("tenor_label", "mid")
    assert len(page.rows) == 1200
    assert page.before is page.after is None


def test_a_filter_is_a_value_a_choice_or_a_range(run: Run, market: Market) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3)))
    for asof in (date(2025, 9, 12), ("2025-09-11", "2025-09-12"), Span("2025-09-01", "2025-10-01")):
        page = run(curves.observations(asof_date=asof, iso="PJM", columns=("mid",)))
        assert [mid for (mid,) in page.select(("mid",))] == [50.0, 51.0, 52.0]


def test_a_snapshot_is_what_the_caller_says(run: Run, market: Market) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1, price=50.0)))
    before = current_snapshot(OBSERVATIONS.table_names)
    market.load("curves.csv", curve_csv(months("2025-10", 1, price=60.0)))
    for snapshot, price in ((before, 50.0), (None, 60.0)):
        page = run(curves.observations(snapshot, columns=("mid",)))
        assert page.select(("mid",)) == [(price,)]


def test_before_the_first_load_there_is_nothing(run: Run, market: Market) -> None:
    assert run(curves.observations()).rows == []
    assert run(curves.strip_prices()).rows == []
    assert run(prices.all_prices()).rows == []
    assert run(prices.all_aggregates("day")).rows == []


def test_strips_and_aggregates_are_those_of_the_routes(run: Run, market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 15)))
    shown = api.rows("/v2/curves/strips?type=CALENDAR&fields=tenor_label,mid")
    page = run(curves.strip_prices(type=("CALENDAR",), columns=("tenor_label", "mid")))
    assert page.select(("tenor_label", "mid")) == [tuple(row.values()) for row in shown]
    market.load("iso.csv", lmp(hours("2025-06-16T04:00:00Z", 48)))
    shown = api.rows("/v2/iso/lmp?resample=day&agg=mean&fields=interval_start,mean")
    page = run(prices.all_aggregates("day"))
    names = ("interval_start", "mean")
    assert page.select(names) == [tuple(row.values()) for row in shown]
