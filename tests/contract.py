"""How the contract tests ask, and what all of them look for."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import httpx

from aurum.api.routes import Route
from aurum.openapi.operation import EVERYWHERE
from aurum.openapi.parameters import AnyField, example_of
from aurum.stores.tables import Table
from tests.conftest import Api

WITH_PAGES = {"v1-curves", "v1-curves-diff", "v1-curves-strips", "v1-metadata-locations"}
WITH_CSV = {
    "v1-curves",
    *(f"v1-iso-lmp-{name}" for name in ("last-24h", "hourly", "daily", "negative")),
}
NO_LIST = {"v2-curves-one", "v2-loads-one"}
"""Routes of v1 that have cursors and CSV, and those of v2 that are no list.

Written out, so that a fault which takes pages, CSV or a limit away from all routes is seen, and
does not leave their tests with nothing to compare.
"""


def offers_csv(route: Route) -> bool:
    return route.path.startswith("v2/") or route.name in WITH_CSV


def example(route: Route, **more: Any) -> dict[str, Any]:
    return {**dict(parse_qsl(route.example)), **more}


def ask(api: Api, route: Route, headers: Any = None, **more: Any) -> httpx.Response:
    return api.get(route.example_path, params=example(route, **more), headers=headers or {})


def takes(route: Route, parameter: str) -> bool:
    """Whether a route has such a parameter."""
    return parameter in route.view.query_serializer().fields  # type: ignore[attr-defined]


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def bad_field(answer: httpx.Response, field: str) -> dict[str, Any]:
    body = problem(answer, 400, "validation-error")
    (error,) = (error for error in body["errors"] if error["field"] == field)
    return dict(error)


def same_answers_are_304(api: Api, route: Route, **more: Any) -> str:
    """Asserts RFC 9110's comparison of tags on a route; its tag."""
    plain = {"Accept-Encoding": "identity"}
    whole = ask(api, route, headers=plain, **more)
    tag = whole.headers["etag"]
    opaque = tag.removeprefix("W/")
    for given in (tag, opaque, f"W/{opaque}", f'"other", {tag}', "*"):
        again = ask(api, route, headers={**plain, "If-None-Match": given}, **more)
        assert again.status_code == 304, given
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == whole.headers["cache-control"]
    for given in ('"other"', opaque[1:-1], opaque[:-2] + '"'):
        again = ask(api, route, headers={**plain, "If-None-Match": given}, **more)
        assert again.status_code == 200, given
    return str(tag)


def fields_of(route: Route) -> Mapping[str, AnyField]:
    """The parameters that a route takes, but for those of its path."""
    view: Any = route.view
    return {n: f for n, f in view.query_serializer().fields.items() if n not in route.path_example}


def tables_of(route: Route) -> Sequence[Table]:
    """What a route reads; nothing where its answer follows from rules."""
    return route.view.tables


def another_filter(route: Route) -> dict[str, Any]:
    """A filter that the route's example does not have, with a value that it takes."""
    given = {*EVERYWHERE, "known_at", *example(route)}
    for name, field in fields_of(route).items():
        value = example_of(field)
        if name not in given and value is not None and value != field.default:
            return {name: value[0] if isinstance(value, list) else value}
    return {}
