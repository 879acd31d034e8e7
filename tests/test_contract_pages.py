"""Every list reads the same rows forward and backward, page by page, byte for byte."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.conftest import Api
from tests.contract import example, takes
from tests.engines import BOTH

MOST_PAGES = 30
LIMITS = (1, 7, 50)
PAGED = [route for route in all_routes() if takes(route, "cursor")]
More = dict[str, str | None]
OF_ALL = {"location_id": None, "start": None}
MORE: dict[str, tuple[More, ...]] = {
    "v1-curves": ({"asof": "2025-09-30"},),
    "v2-curves-observations": ({"asof_date": "all"},),
    "v2-curves-strips": ({"asof_date": "all", "type": "QUARTER"},),
    "v2-iso-lmp": (
        OF_ALL | {"block": "OFF_PEAK"},
        *(
            OF_ALL | {"resample": length, "agg": "mean,count"}
            for length in ("hour", "day", "month")
        ),
        {"resample": "hour", "fill": "null", "agg": "count"},
    ),
    "v2-iso-spreads": ({"resample": "day"},),
}
"""Queries beside a route's example that have texts or orders of their own; None takes a parameter
of the example away."""

QUESTIONS = [(route, more) for route in PAGED for more in ({}, *MORE.get(route.name, ()))]
pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.usefixtures("some_demo_data"),
]


class Walk:
    """Reads the pages of one query one after another, in either direction.

    v2 is read as NDJSON, whose body is the rows and nothing else; of v1's JSON the rows are cut
    out, as its envelope has the request's own id.
    """

    def __init__(self, api: Api, route: Route, more: More) -> None:
        self._api, self._path = api, route.example_path
        self._is_v1 = route.path.startswith("v1/")
        self._back = "prev_cursor" if takes(route, "prev_cursor") else "cursor"
        query = example(route) | more | ({} if self._is_v1 else {"format": "ndjson"})
        self._query = {name: value for name, value in query.items() if value is not None}

    def forward(self, limit: int) -> Iterator[tuple[bytes, Any]]:
        """Each page's rows, and where the page before it is."""
        place: Any = self._query | {"limit": limit}
        while place:
            rows, place, before = self._page(place)
            yield rows, before

    def backward(self, place: Any) -> Iterator[bytes]:
        while place:
            rows, _, place = self._page(place)
            yield rows

    def _page(self, place: Any) -> tuple[bytes, Any, Any]:
        is_link = isinstance(place, str)
        answer = self._api.get(place) if is_link else self._api.get(self._path, params=place)
        assert answer.status_code == 200, answer.text
        if not self._is_v1:
            links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("link", "")))
            by_name = {name: url for url, name in links.items()}
            return answer.content, by_name.get("next"), by_name.get("prev")
        meta = answer.json()["meta"]
        query = self._query | {"limit": meta["limit"]}
        after, before = (
            query | {name: meta[cursor]} if meta[cursor] else None
            for name, cursor in (("cursor", "next_cursor"), (self._back, "prev_cursor"))
        )
        return answer.content.partition(b'"data":')[2], after, before


@pytest.mark.parametrize(
    ("route", "more"),
    QUESTIONS,
    ids=["-".join((route.name, *filter(None, more.values()))) for route, more in QUESTIONS],
)
def test_pages_are_the_same_in_both_directions(api: Api, route: Route, more: More) -> None:
    walk = Walk(api, route, more)
    lengths = []
    for limit in LIMITS:
        pages = list(islice(walk.forward(limit), MOST_PAGES))
        *there, (_, last) = pages
        back = list(walk.backward(last))
        assert back[::-1] == [rows for rows, _ in there]
        lengths.append(len(pages))
    assert max(lengths) > 1


def test_every_list_that_has_pages_is_read() -> None:
    lists = {route.name for route in all_routes() if "limit=" in route.example}
    without_pages = {name for name in lists if name.startswith("v1-iso-lmp-")}
    assert {route.name for route in PAGED} == lists - without_pages
