"""All engines answer with the same bytes: every route, each of its parameters, every format."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management.color import no_style
from django.db import connection

from aurum.api.routes import Route
from aurum.domains import all_routes
from aurum.polling import refresh_all
from ops.models import Load, LoadedTable
from tests.aurum.stores.test_portable_sql import questions
from tests.conftest import Api, Market, forget, short_demo
from tests.contract import ask, offers_csv
from tests.engines import EVERY, MIXED
from tests.factories import curve_csv, nymex

pytestmark = pytest.mark.parametrize("engine", [*EVERY[1:], *MIXED], indirect=True)

MOMENTS = re.compile(r'"(known_at|timestamp|request_id)":"[^"]*"')

REVISED = "iso,market,location_id,interval_start,price_total,price_loss\n" + "".join(
    f"PJM,DAY_AHEAD,51288,2025-09-30T{hour:02}:00:00Z,{hour / 7 - 1:.4f},-0.0\n"
    for hour in range(4, 24)
)
"""Zeros with a sign, negative prices, and rows that are added up in another order than loaded."""

CHANGES = "iso,market,location_id,interval_start,price_total,price_energy,price_loss\n" + "".join(
    f"CAISO,REAL_TIME,ÑODE_λ 'a\\,{day}T{hour:02}:00:00Z,{price},,{-price / 3:.5f}\n"
    for day in ("2025-03-09", "2025-03-10", "2025-11-02", "2025-11-03")
    for hour, price in enumerate((12.345675, -0.000005, 0.0, 99_999.99, -150.0, 12.345675) * 4)
)
"""Both days on which clocks change, ties, halves of what is rounded, and a name of any letters."""

NAMED = {"curve_key": "odd", "location": "Nœud 'a\\%?:b; --", "market": "DAY_AHEAD"}
ODD_CURVES = curve_csv(
    NAMED | row
    for row in (
        {"asof_date": "1969-07-20", "contract_month": "1970-01-01", "mid": 0.1},
        {"asof_date": "2025-09-30", "contract_month": "2040-01-01", "mid": -7.25, "bid": -8},
        {"asof_date": "2025-09-30", "tenor_label": "Ω-1", "mid": 1e-9, "price_type": "MID"},
        {"asof_date": "2025-09-30", "tenor_label": "Ω-1", "mid": 3.3, "price_type": "SETTLE"},
        {"curve_key": "bare", "iso": "", "market": "", "location": "😀", "asof_date": "2025-09-29",
         "contract_month": "2026-01-01", "mid": 5, "ask": 5},
    )
)  # fmt: skip
"""Dates before 1970, tenors without a month, two price types, nulls, and no name that is tame."""


def test_every_answer_is_that_of_the_embedded_engine(
    market: Market, api: Api, settings: Any
) -> None:
    found = answers(market, api)
    settings.AURUM_STORES = {}
    embedded = answers(market, api)
    assert embedded.keys() == found.keys()
    assert len(embedded) > 400
    different = [question for question, text in embedded.items() if found[question] != text]
    assert different == []


def answers(market: Market, api: Api) -> dict[str, str]:
    """The text of every answer, without the moments that differ, from a store filled anew."""
    LoadedTable.objects.all().delete()
    Load.objects.all().delete()
    numbers = [{"table": Load._meta.db_table, "column": "id"}]
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_by_name_sql(no_style(), numbers):
            cursor.execute(sql)
    forget()
    refresh_all()
    for feed, name, content in short_demo():
        market.load(feed, content, name)
    for feed, content in (
        ("iso.csv", REVISED), ("iso.csv", CHANGES), ("curves.csv", ODD_CURVES),
        ("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.3}, asof="2025-09-30")),
        ("curves.nymex", nymex({"2026-08": 3.31}, asof="2025-09-30")),  # which closes a row
    ):  # fmt: skip
        assert market.load(feed, content).counts.quarantined == 0
    Load.objects.update(ended_at=datetime(2025, 10, 1, tzinfo=UTC))  # when they did, differs
    return {
        f"{route.name} {more} {what}": text
        for route in all_routes()
        for more in questions(route)
        for what, text in texts_of(api, route, more)
    }


def texts_of(api: Api, route: Route, more: dict[str, Any]) -> list[tuple[str, str]]:
    answer = ask(api, route, **more)
    if answer.headers["content-type"] != "application/json" or "data" not in answer.json():
        return [("text", MOMENTS.sub("", answer.text))]
    # As text: to Python 0.0 and -0.0 are equal.
    found = [("json", json.dumps(answer.json()["data"]))]
    if next_page := answer.json().get("links", {}).get("next"):
        second = api.get(next_page).json()
        found.append(("next", json.dumps(second["data"])))
        back = api.get(second["links"]["prev"]).json()
        found.append(("prev", json.dumps(back["data"])))
    if offers_csv(route):
        found.append(("csv", ask(api, route, **more, format="csv").text))
    return found
