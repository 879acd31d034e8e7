"""Every list and every single thing of v2 as a page: one renderer, made of what is declared."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from rest_framework.request import Request

from aurum.api.envelope import Links, Meta
from aurum.api.pages.cells import body_of, head_of, text_of, with_code
from aurum.api.pages.form import NOT_ASKED, inputs_of
from aurum.query import Query
from aurum.results import Result
from aurum.stores.tables import Column

ORIGIN = "http://127.0.0.1:8000"
"""Stands for this server in the calls to copy; a script puts its real address there."""
REASONS = {
    "no_data_yet": "No data has been loaded yet.",
    "outside_coverage": "All the data there is lies before or after the range asked for.",
    "not_released": "Of nothing that matches it is known that it was released by the vintage asked"
    " for. What is not known when it was released does not count.",
    "no_match": "Nothing matches these filters.",
}
DOWNLOADS = {
    "csv": "CSV", "xlsx": "Excel", "parquet": "Parquet", "arrow": "Arrow", "ndjson": "NDJSON",
}  # fmt: skip


def html_page(
    view: type[Any],
    request: Request,
    query: Query,
    result: Result,
    meta: Meta,
    links: Links,
    path: Mapping[str, str],
) -> bytes:
    """The page of one answer; it says nothing of who asked, so that it can be kept."""
    summary, _, rest = inspect.cleandoc(view.__doc__ or "").partition("\n")
    columns = [query.schema.by_name[name] for name in query.columns]
    rows = result.page.select(query.columns)
    given = request.GET
    inputs = list(inputs_of(view.query_serializer, given, path)) if view.is_list() else []
    context = {
        "title": summary.removesuffix("."),
        "description": with_code(" ".join(rest.split())),
        "asked": [
            (name, value)
            for name, values in given.lists()
            for value in values
            if name not in NOT_ASKED
        ],
        "path": request.path,
        "inputs": inputs,
        "columns": [(column, head_of(column, meta.units.get(column.name))) for column in columns],
        "body": body_of(columns, rows),
        "one": _one(columns, rows) if query.shape == "one" else None,
        "meta": meta,
        "links": links,
        "reason": REASONS.get(meta.reason or ""),
        "suggestions": _suggestions(request.path, given, meta.did_you_mean or {}),
        "downloads": _downloads(request.path, given),
        "json": _address(request.path, given, without=("plot",), format="json"),
        **_pictures(request.path, given, query, has_rows=bool(rows)),
        "call": f"{ORIGIN}{_address(request.path, given)}",
        "table_call": f"{ORIGIN}{_address(request.path, given, without=('limit',), format='csv')}",
    }  # fmt: skip
    return render_to_string("pages/list.html", context).encode()


def _address(path: str, given: QueryDict, without: Sequence[str] = (), **more: str) -> str:
    """The same question with other words of how it is written, on its first page."""
    left = {"cursor", "format", "shape", *without, *more}
    kept = [(n, v) for n, values in given.lists() for v in values if n not in left]
    text = urlencode([*kept, *more.items()])
    return f"{path}?{text}" if text else path


def _pictures(path: str, given: QueryDict, query: Query, *, has_rows: bool) -> dict[str, Any]:
    """The plots there are, and where the one that is shown is in each of its formats."""
    plots = query.schema.plots
    shown = given.get("plot") or (plots[0].name if plots else None)
    found: dict[str, Any] = {
        "plots": [(one, _address(path, given, plot=one.name), one.name == shown) for one in plots]
    }
    if shown is None or not has_rows:
        return found
    formats = {"picture": "svg", "image": "png", "live": "vegalite"}
    return found | {
        name: _address(path, given, without=("limit",), plot=shown, format=form)
        for name, form in formats.items()
    }


def _downloads(path: str, given: QueryDict) -> list[tuple[str, str]]:
    """The whole answer as a file."""
    return [
        (title, _address(path, given, without=("limit", "plot"), format=name))
        for name, title in DOWNLOADS.items()
    ]


def _suggestions(
    path: str, given: QueryDict, near: Mapping[str, Sequence[str]]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each filter that matches nothing, the question with what was perhaps meant."""
    return [
        (name, [(value, _address(path, given, **{name: value})) for value in values])
        for name, values in near.items()
    ]


def _one(columns: Sequence[Column], rows: Sequence[Any]) -> list[tuple[Column, Any]]:
    """The only row, a column a line."""
    return [
        (column, text_of(column, value))
        for row in rows
        for column, value in zip(columns, row, strict=True)
    ]


def without_empty(request: HttpRequest | Request) -> str:
    """Where a form's question leads once what was left empty is taken out."""
    given = request.GET
    kept = [(name, value) for name, values in given.lists() for value in values if value]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
