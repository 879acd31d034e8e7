"""The two forms of Data Miner's files, CSV and JSON, as columns of the same names."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.cells import cell
from aurum.loads.documents import json_document
from aurum.loads.reading import ROWS_AT_ONCE, has_heading, header_and_blocks, heading
from iso.feeds.wholeness import of_all_rows

UTC_STAMP, OTHER_STAMP = "datetime_beginning_utc", "datetime_beginning_ept"
WHERE = ("pnode_id", "pnode_name", "type", "zone")
PARTS = ("total_lmp", "system_energy_price", "congestion_price", "marginal_loss_price")
ISSUE = ("row_is_current", "version_nbr")
RUNS = {"da": "DAY_AHEAD", "rt": "REAL_TIME"}
FIELDS = (
    *(UTC_STAMP, OTHER_STAMP, *WHERE, *ISSUE),
    *(f"{part}_{run}" for run in RUNS for part in PARTS),
)
PRICES_OF = {"da": slice(0, 4), "rt": slice(4, 8)}
"""Where a run's prices stand among all prices."""


class Rows(NamedTuple):
    """Some rows: their places, what they looked like, and FIELDS by column, Nones for no column."""

    places: list[str]
    raws: Sequence[Any]
    columns: Sequence[Sequence[Any]]


class Table(NamedTuple):
    """The rows of a file, whatever its form.

    `has` tells whether there is a column; `report` is the name by which a document came.
    """

    place: str
    has: Callable[[str], bool]
    report: str | None
    rows: Iterator[Rows]
    warnings: list[str]


def csv_table(file: BinaryIO) -> Table:
    header, blocks = header_and_blocks(file)
    there = [cell.strip() for cell in header.cells]
    has = partial(has_heading, header)
    pick = itemgetter(*(there.index(heading(header, name)) if has(name) else -1 for name in FIELDS))
    rows = (
        Rows(
            [f"line {number}" for number in numbers],
            cells,
            pick([*zip(*cells, strict=True), [None] * len(cells)]),
        )
        for numbers, cells in blocks
    )
    return Table(header.place, has, None, rows, [])


def json_table(file: BinaryIO) -> Table:
    document = json_document(file)
    items = document.get("items") if isinstance(document, dict) else document
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidFile("a list of objects is expected", "items")
    if not items:
        raise InvalidFile("there is no row", "items")
    spelled = {name.strip().lower(): name for item in items for name in item}
    names = [spelled.get(name, name) for name in FIELDS]
    rows = (_items(items, first, names) for first in range(0, len(items), ROWS_AT_ONCE))
    told = document.get("totalRows") if isinstance(document, dict) else None
    warnings = of_all_rows(len(items), told)
    return Table("items", spelled.__contains__, _report(document), rows, warnings)


def _items(items: Sequence[dict[str, Any]], first: int, names: Sequence[str]) -> Rows:
    some = items[first : first + ROWS_AT_ONCE]
    places = [f"items[{number}]" for number in range(first, first + len(some))]
    cells = (
        [cell(item.get(name), f"{place}.{name}") for name in names]
        for place, item in zip(places, some, strict=True)
    )
    return Rows(places, some, [*zip(*cells, strict=True)])


def _report(document: Any) -> str | None:
    """The report that a document says it was asked for as, in the link to itself."""
    links = document.get("links") if isinstance(document, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "self":
            found = re.search(r"/api/v1/(\w+)", str(link.get("href")))
            return found[1] if found else None
    return None
