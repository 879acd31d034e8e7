"""`GET /v2/curves/dates`: on which valuation dates each curve was quoted."""

from datetime import UTC, datetime

import pytest

from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import PJM_WEST_KEY, curve_csv, months

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

DATES = "/v2/curves/dates"


@pytest.fixture
def history(market: Market) -> None:
    for day, first, count in (
        ("2025-09-11", "2025-10", 3),
        ("2025-09-12", "2025-10", 2),
        ("2025-10-01", "2025-11", 4),
    ):
        market.load("curves.csv", curve_csv(months(first, count, asof_date=day, units_raw="$/MWh")))
    market.load("curves.csv", curve_csv(months("2026-01", 1, asof_date="2025-09-11", location="B")))


def test_each_date_says_what_was_quoted_on_it(history: None, api: Api) -> None:
    rows = api.rows(f"{DATES}?curve_key={PJM_WEST_KEY}")
    loads = [row.pop("last_load") for row in rows]
    assert loads == sorted(set(loads))
    assert rows == [
        {"curve_key": PJM_WEST_KEY, "asof_date": day, "tenors": tenors}
        | {"first_month": first, "last_month": last}
        for day, tenors, first, last in (
            ("2025-09-11", 3, "2025-10-01", "2025-12-01"),
            ("2025-09-12", 2, "2025-10-01", "2025-11-01"),
            ("2025-10-01", 4, "2025-11-01", "2026-02-01"),
        )
    ]


def test_a_correction_is_the_newest_load_of_its_date_alone(
    history: None, market: Market, api: Api
) -> None:
    before = {row["asof_date"]: row["last_load"] for row in api.rows(f"{DATES}?location=B")}
    loaded = market.load(
        "curves.csv", curve_csv(months("2026-01", 1, asof_date="2025-09-11", location="B", mid=99))
    )
    (row,) = api.rows(f"{DATES}?location=B")
    assert row["last_load"] == loaded.load > before["2025-09-11"]
    assert row["tenors"] == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("asof_date=2025-09", ["2025-09-11", "2025-09-12"]),
        ("asof_date=2025-09-12..2025-10-02", ["2025-09-12", "2025-10-01"]),
        ("asof_date=2024", None),
        ("asof_date=2024-09", []),
    ],
)
def test_dates_are_narrowed(
    history: None, api: Api, query: str, expected: list[str] | None
) -> None:
    path = f"{DATES}?curve_key={PJM_WEST_KEY}&{query}"
    if expected is None:
        assert api.get(path).status_code == 400
    else:
        assert [row["asof_date"] for row in api.rows(path)] == expected


def test_pages_have_each_date_once(history: None, api: Api) -> None:
    path, seen = f"{DATES}?limit=1&fields=location,asof_date", []
    whole = api.rows(path.replace("limit=1", "limit=100"))
    while path:
        body = api.get(path).json()
        seen += body["data"]
        path = body["links"]["next"]
    assert seen == whole
    assert len(whole) == 4


def test_before_a_load_its_dates_are_not_known(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3, asof_date="2025-09-11")))
    then = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    market.load("curves.csv", curve_csv(months("2025-10", 3, asof_date="2025-09-12")))
    rows = api.rows(f"{DATES}?known_at={then}")
    assert [row["asof_date"] for row in rows] == ["2025-09-11"]


def test_changes_and_spreads_are_of_the_months_asked_for(history: None, api: Api) -> None:
    diff = "/v2/curves/diff?asof_date_a=2025-09-11&asof_date_b=2025-09-12&location=West"
    spread = f"/v2/curves/spreads?leg_a={PJM_WEST_KEY}&leg_b={PJM_WEST_KEY}&asof_date=2025-09-12"
    for path in (f"{diff}&status=unchanged,changed,removed", spread):
        everything = [row["contract_month"] for row in api.rows(path)]
        assert len(everything) > 1
        for one in ("contract_month=2025-10", "tenor_label=Oct-25"):
            rows = api.rows(f"{path}&{one}")
            assert [row["contract_month"] for row in rows] == ["2025-10-01"]
        assert api.rows(f"{path}&tenor_type=QUARTER") == []


def test_some_dates_lie_over_each_other(history: None, api: Api) -> None:
    asked = f"/v2/curves/observations?curve_key={PJM_WEST_KEY}&fields=asof_date"
    days = [row["asof_date"] for row in api.rows(f"{asked}&asof_date=2025-10-01,2025-09-11")]
    assert days == ["2025-09-11"] * 3 + ["2025-10-01"] * 4
    strips = f"/v2/curves/strips?curve_key={PJM_WEST_KEY}&months=2025-11..2026-01"
    rows = api.rows(f"{strips}&asof_date=2025-09-11,2025-10-01")
    assert [row["asof_date"] for row in rows] == ["2025-09-11", "2025-10-01"]
    for wrong in ("2025-10-01,2025-13-01", "2025-10-01,", "2025-10,2025-11", "latest,2025-10-01"):
        assert api.get(f"{asked}&asof_date={wrong}").status_code == 400, wrong
    many = ",".join(["2025-10-01"] * 51)
    assert api.get(f"{asked}&asof_date={many}").json()["errors"][0]["code"] == "too_many"


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        ("2025-09-12", "latest", ("2025-09-12", "2025-10-01")),
        ("nearest:2025-09-30", "latest", ("2025-09-12", "2025-10-01")),
        ("nearest:2025-09-11", "nearest:2025-09-14", ("2025-09-11", "2025-09-12")),
    ],
)
def test_changes_since_a_day_that_is_found_out(
    history: None, api: Api, a: str, b: str, days: tuple[str, str]
) -> None:
    asked = f"/v2/curves/diff?curve_key={PJM_WEST_KEY}&status=unchanged,changed,added,removed"
    rows = api.rows(f"{asked}&asof_date_a={a}&asof_date_b={b}")
    assert rows
    assert rows == api.rows(f"{asked}&asof_date_a={days[0]}&asof_date_b={days[1]}")


def test_two_words_for_one_day_are_no_change(history: None, api: Api) -> None:
    asked = f"/v2/curves/diff?curve_key={PJM_WEST_KEY}&asof_date_a=2025-10-01&asof_date_b="
    error = api.get(f"{asked}latest").json()["errors"][0]
    assert (error["field"], error["code"]) == ("asof_date_b", "same_date")
    early = api.get(f"{asked}nearest:2025-09-01").json()
    assert (early["data"], early["meta"]["reason"]) == ([], "no_match")


@pytest.mark.parametrize("limit", ["", "&limit=5"])
def test_a_table_without_rows_says_why(history: None, api: Api, limit: str) -> None:
    answer = api.get(f"{DATES}?location=nowhere&format=csv{limit}")
    assert answer.headers["x-reason"] == "no_match"
    assert "x-reason" not in api.get(f"{DATES}?location=B&format=csv{limit}").headers
