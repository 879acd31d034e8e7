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
from tests.engines import EVERY

pytestmark = pytest.mark.parametrize("engine", EVERY[1:], indirect=True)

MOMENTS = re.compile(r'"(known_at|timestamp|request_id)":"[^"]*"')

REVISED = "iso,market,location_id,interval_start,price_total,price_loss\n" + "".join(
    f"PJM,DAY_AHEAD,51288,2025-09-30T{hour:02}:00:00Z,{hour / 7 - 1:.4f},-0.0\n"
    for hour in range(4, 24)
)
"""Zeros with a sign, negative prices, and rows that are added up in another order than loaded."""


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
    market.load("iso.csv", REVISED)
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
