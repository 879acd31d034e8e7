"""`GET /v1/curves`."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import PJM_WEST_KEY, curve_csv, months, nymex

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

COLUMNS = [
    *("curve_key", "tenor_label", "tenor_type", "contract_month", "asof_date"),
    *("mid", "bid", "ask", "price_type"),
]


def test_it_answers_the_nine_fields_in_their_order(market: Market, api: Api) -> None:
    market.load(
        "curves.csv",
        curve_csv([{"contract_month": "2025-10", "bid": 45, "ask": 45.5, "mid": 45.25}]),
    )
    (row,) = api.rows("/v1/curves")
    assert list(row) == COLUMNS
    assert row == {
        "curve_key": PJM_WEST_KEY,
        "tenor_label": "2025-10",
        "tenor_type": "MONTHLY",
        "contract_month": "2025-10-01",
        "asof_date": "2025-09-12",
        "mid": 45.25,
        "bid": 45.0,
        "ask": 45.5,
        "price_type": "MID",
    }


def test_it_is_empty_and_not_an_error_before_the_first_load(market: Market, api: Api) -> None:
    answer = api.get("/v1/curves")
    assert answer.status_code == 200
    assert answer.json()["data"] == []
    assert answer.json()["meta"]["has_more"] is False


def test_without_asof_each_tenor_and_price_type_shows_its_newest_price(
    market: Market, api: Api
) -> None:
    for day, price in (("2025-09-11", 44.0), ("2025-09-12", 45.0)):
        market.load(
            "curves.csv",
            curve_csv(
                [
                    {"contract_month": "2025-10", "mid": price, "asof_date": day},
                    {
                        "contract_month": "2025-10",
                        "mid": price + 1,
                        "asof_date": day,
                        "price_type": "SETTLE",
                    },
                ]
            ),
        )
    market.load(
        "curves.csv",
        curve_csv([{"contract_month": "2025-11", "mid": 50, "asof_date": "2025-09-10"}]),
    )
    found = [
        (r["tenor_label"], r["price_type"], r["asof_date"], r["mid"])
        for r in api.rows("/v1/curves")
    ]
    assert found == [
        ("2025-10", "MID", "2025-09-12", 45.0),
        ("2025-10", "SETTLE", "2025-09-12", 46.0),
        ("2025-11", "MID", "2025-09-10", 50.0),
    ]


def test_asof_shows_that_valuation_date_alone(market: Market, api: Api) -> None:
    for day, price in (("2025-09-11", 44.0), ("2025-09-12", 45.0)):
        market.load(
            "curves.csv", curve_csv([{"contract_month": "2025-10", "mid": price, "asof_date": day}])
        )
    assert [r["mid"] for r in api.rows("/v1/curves?asof=2025-09-11")] == [44.0]
    assert api.rows("/v1/curves?asof=2025-09-10") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("iso=pjm", 1),
        ("iso=ERCOT", 1),
        ("iso=MISO", 0),
        ("location=West", 1),
        ("block=OFF_PEAK", 1),
        ("iso=PJM&block=OFF_PEAK", 0),
        ("asset_class=power", 2),
        ("tenor_type=MONTHLY", 2),
        ("tenor_type=CALENDAR", 0),
        (f"curve_key={PJM_WEST_KEY}", 1),
        ("market=DA&product=power", 2),
    ],
)
def test_filters_are_exact(market: Market, api: Api, query: str, expected: int) -> None:
    market.load(
        "curves.csv",
        curve_csv(
            [
                {"contract_month": "2025-10", "mid": 45},
                {
                    "contract_month": "2025-10",
                    "mid": 40,
                    "iso": "ERCOT",
                    "location": "North",
                    "block": "OFF_PEAK",
                },
            ]
        ),
    )
    assert len(api.rows(f"/v1/curves?{query}")) == expected
    assert len(api.rows(f"/v1/curves?{query}&asof=2025-09-12")) == expected


def test_csv_has_the_same_columns_and_a_file_name(market: Market, api: Api) -> None:
    market.load(
        "curves.csv",
        curve_csv([{"tenor_label": "Cal-Custom", "mid": 1e-7, "tenor_type": "CUSTOM"}]),
    )
    answer = api.get("/v1/curves?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="curves.csv"'
    header, row = answer.text.splitlines()
    assert header == ",".join(COLUMNS)
    assert row == f"{PJM_WEST_KEY},Cal-Custom,CUSTOM,,2025-09-12,0.0000001,,,MID"


def test_csv_pages_by_its_headers(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 5)))
    first = api.get("/v1/curves?format=csv&limit=3")
    assert "x-prev-cursor" not in first.headers
    second = api.get(
        "/v1/curves", params={"format": "csv", "limit": 3, "cursor": first.headers["x-next-cursor"]}
    )
    assert "x-next-cursor" not in second.headers
    assert second.text.splitlines()[1:] == api.get("/v1/curves?format=csv").text.splitlines()[4:]
    back = api.get(
        "/v1/curves",
        params={"format": "csv", "limit": 3, "prev_cursor": second.headers["x-prev-cursor"]},
    )
    assert back.text == first.text


def walk(
    api: Api, path: str, limit: int, between: Any = lambda: None
) -> tuple[list[Any], list[Any]]:
    """All rows forward, then all but the last page backward."""
    forward: list[Any] = []
    path, _, query = path.partition("?")
    asked = {**dict(parse_qsl(query)), "limit": limit}
    params: dict[str, Any] = asked
    while True:
        body = api.get(path, params=params).json()
        forward += body["data"]
        between()
        if not body["meta"]["next_cursor"]:
            break
        params = {**asked, "cursor": body["meta"]["next_cursor"]}
    backward: list[Any] = []
    while body["meta"]["prev_cursor"]:
        body = api.get(path, params={**asked, "prev_cursor": body["meta"]["prev_cursor"]}).json()
        backward = body["data"] + backward
        between()
    return forward, backward


def test_pages_forward_and_back_cover_everything_once(market: Market, api: Api) -> None:
    rows = months("2025-10", 15) + [
        {"tenor_label": f"Bal {n}", "mid": n, "tenor_type": "CUSTOM"} for n in range(6)
    ]
    market.load(
        "curves.csv",
        curve_csv(
            rows, columns=["asof_date", "iso", "contract_month", "tenor_label", "tenor_type", "mid"]
        ),
    )
    whole = api.rows("/v1/curves?limit=500")
    forward, backward = walk(api, "/v1/curves", 4)
    assert forward == whole
    assert backward == whole[:20]


@pytest.mark.parametrize("path", ["/v1/curves", "/v2/curves/observations"])
def test_a_page_that_ends_with_the_last_row_leads_no_further(
    market: Market, api: Api, path: str
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 6)))
    for limit, sizes in ((2, [2, 2, 2]), (3, [3, 3]), (6, [6]), (5, [5, 1])):
        found, cursor = [], {}
        while cursor is not None:
            body = api.get(path, params={"limit": limit, **cursor}).json()
            found.append(len(body["data"]))
            following = body["meta"]["next_cursor"]
            cursor = {"cursor": following} if following else None
        assert found == sizes


def test_a_reader_who_pages_while_files_are_loaded_sees_one_snapshot(
    market: Market, api: Api
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 12)))
    before = api.rows("/v1/curves")
    count = iter(range(100))

    def another() -> None:
        number = next(count)
        market.load("curves.csv", curve_csv(months("2025-10", 12, price=10.0 * number)))
        market.load("curves.csv", curve_csv(months(f"20{30 + number}-01", 2)))

    forward, backward = walk(api, "/v1/curves", 5, another)
    assert forward == before
    assert backward == before[:10]
    assert len(api.rows("/v1/curves")) > 12


def test_since_cursor_resumes_like_cursor(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 5)))
    token = api.get("/v1/curves?limit=2").json()["meta"]["next_cursor"]
    one, two = (
        api.rows("/v1/curves", params={"limit": 2, name: token})
        for name in ("cursor", "since_cursor")
    )
    assert one == two
    assert [row["tenor_label"] for row in one] == ["2025-12", "2026-01"]


def test_offset_still_works_and_says_that_it_is_deprecated(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 5)))
    answer = api.get("/v1/curves?limit=2&offset=2")
    assert [row["tenor_label"] for row in answer.json()["data"]] == ["2025-12", "2026-01"]
    assert answer.json()["meta"]["offset"] == 2
    assert "offset is deprecated" in answer.headers["x-deprecation-info"]
    assert "x-deprecation-info" not in api.get("/v1/curves?limit=2").headers


def test_a_correction_replaces_the_price_and_a_missing_month_goes(market: Market, api: Api) -> None:
    first, second = {"2026-07": 3.2, "2026-08": 3.3}, {"2026-07": 3.25}
    market.load("curves.nymex", nymex(first))
    market.load("curves.nymex", nymex(second))
    assert [(r["tenor_label"], r["mid"], r["price_type"]) for r in api.rows("/v1/curves")] == [
        ("2026-07", 3.25, "LAST")
    ]
    market.load("curves.nymex", nymex(first))
    assert [r["mid"] for r in api.rows("/v1/curves")] == [3.2, 3.3]


def test_dates_before_1970_survive(market: Market, api: Api) -> None:
    market.load(
        "curves.csv",
        curve_csv([{"contract_month": "1962-03", "mid": 3, "asof_date": "1962-02-28"}]),
    )
    (row,) = api.rows("/v1/curves?asof=1962-02-28")
    assert (row["asof_date"], row["contract_month"]) == ("1962-02-28", "1962-03-01")
