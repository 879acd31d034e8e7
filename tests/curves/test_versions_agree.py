"""v1 and v2 state the same facts: a mapping written by hand, the valuation date named on both."""

from typing import Any

import pytest

from tests.conftest import Api
from tests.engines import BOTH

pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.usefixtures("some_demo_data"),
]

SAME = ("curve_key", "tenor_label", "tenor_type", "asof_date", "mid", "bid", "ask", "price_type")


def facts(rows: list[dict[str, Any]], names: dict[str, str]) -> list[tuple[Any, ...]]:
    found = [tuple(row[name] for name in names.values()) for row in rows]
    assert found, "both sides must have something to say"
    return sorted(found, key=str)


def whole(api: Api, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    url: str | None = path
    while url:
        body = api.get(url).json()
        rows += body["data"]
        token = body["meta"]["next_cursor"]
        url = f"{path}&cursor={token}" if token else None
    return rows


def test_observations(api: Api) -> None:
    one = whole(api, "/v1/curves?asof=2025-09-30&iso=PJM&limit=500")
    two = whole(api, "/v2/curves/observations?asof_date=2025-09-30&iso=PJM&limit=1000")
    names = {name: name for name in (*SAME, "contract_month")}
    assert facts(one, names) == facts(two, names)


def test_changes(api: Api) -> None:
    one = whole(api, "/v1/curves/diff?asof_a=2025-09-29&asof_b=2025-09-30&iso=PJM&limit=500")
    two = whole(
        api,
        "/v2/curves/diff?asof_date_a=2025-09-29&asof_date_b=2025-09-30&iso=PJM&limit=1000"
        "&status=changed,unchanged",
    )
    v1 = {"key": "curve_key", "tenor": "tenor_label", "type": "tenor_type",
          "month": "contract_month", "a": "mid_a", "b": "mid_b", "abs": "diff_abs",
          "pct": "diff_pct"}  # fmt: skip
    v2 = {**v1, "abs": "change", "pct": "change_fraction"}
    assert facts(one, v1) == facts(two, v2)


@pytest.mark.parametrize("kind", ["CALENDAR", "QUARTER", "SEASON"])
def test_strips(api: Api, kind: str) -> None:
    one = whole(api, f"/v1/curves/strips?type={kind}&asof=2025-09-30&iso=PJM&limit=500")
    two = whole(api, f"/v2/curves/strips?type={kind}&asof_date=2025-09-30&iso=PJM&limit=1000")
    names = {name: name for name in SAME}
    months = {"month": "contract_month"}, {"month": "first_month"}
    # v1 leaves out what lacks a month that was still to deliver.
    shown = [row for row in two if row["months_missing"] == 0]
    assert facts(one, names | months[0]) == facts(shown, names | months[1])


def test_the_last_day_of_all_is_a_date(api: Api) -> None:
    for question in ("/v1/curves?asof=", "/v2/curves/observations?asof_date="):
        answer = api.get(f"{question}9999-12-31")
        assert answer.status_code == 200
        assert answer.json()["data"] == []
    assert (
        api.get("/v2/metadata/calendars/hours?calendar=pjm&block=5x16&start=9999-12-31").json()[
            "errors"
        ][0]["code"]
        == "out_of_range"
    )
