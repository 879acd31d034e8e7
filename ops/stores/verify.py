"""`manage.py stores verify`: do two engines have the same rows, history included?

Rows are compared one by one, in pieces that both engines read by their keys: SQL has no hash that
all of them make alike. What differs is told by month of the table's time, or by first letter.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from django.core.management.base import BaseCommand
from tqdm import tqdm

from aurum.domains import Domain
from aurum.stores.spans import KeySpan, spans_of
from aurum.stores.tables import Row, Table
from ops.stores.engines import Engine, locked


@dataclass(slots=True)
class Apart:
    """How many rows only the first engine has, only the second, and both with other content."""

    first: int = 0
    second: int = 0
    other: int = 0


def verify(command: BaseCommand, domain: Domain, engines: Sequence[Engine], *, quiet: bool) -> int:
    """Compares the tables of a domain, while no load has them; in how many parts they differ."""
    with locked(engines, domain.tables):
        return compare(command, domain, engines, quiet=quiet)


def compare(command: BaseCommand, domain: Domain, engines: Sequence[Engine], *, quiet: bool) -> int:
    """As `verify`, under the lock of the tables."""
    return sum(_compare(command, table, engines, quiet=quiet) for table in domain.tables)


def _compare(command: BaseCommand, table: Table, engines: Sequence[Engine], *, quiet: bool) -> int:
    there = [engine for engine in engines if engine.has(table)]
    if not there:
        command.stdout.write(f"{table.name}: not there yet")
        return 0
    apart: dict[str, Apart] = {}
    rows = 0
    spans = [*spans_of(table, [engine.writer for engine in there])]
    total = sum(span.rows for span in spans)
    with tqdm(desc=table.name, unit="row", total=total, disable=quiet, leave=False) as bar:
        for span in spans:
            first, second = (
                rows_of(engine, table, span) if engine in there else [] for engine in engines
            )
            rows += len(first)
            if first != second:
                _note(apart, table, first, second)
            bar.update(span.rows)
    names = [engine.name for engine in engines]
    for part, found in sorted(apart.items()):
        command.stderr.write(f"{table.name} {part}: {_told(found, *names)}")
    if not apart:
        command.stdout.write(f"{table.name}: {rows} rows, the same in {' and '.join(names)}")
    return len(apart)


def rows_of(engine: Engine, table: Table, span: KeySpan) -> list[Row]:
    """The rows of a span in one order, whichever engine they are of.

    Those of one key and load differ in what has replaced them. 0.0 and -0.0 are equal, as they are
    to every reader.
    """
    place = table.names.index
    order = itemgetter(*(place(name) for name in table.key), -2, -1)
    return sorted(engine.writer.rows(table, span), key=order)


def _note(apart: dict[str, Apart], table: Table, first: list[Row], second: list[Row]) -> None:
    """Counts the rows of a span that differ, in the part that each belongs to."""
    one, other = Counter(first), Counter(second)
    keys = [table.names.index(name) for name in table.key]
    identity = itemgetter(*keys, -2)  # of one load and key there is one row, or two in all
    only = [
        Counter((_part(table, row), identity(row)) for row in (mine - theirs).elements())
        for mine, theirs in ((one, other), (other, one))
    ]
    changed = only[0] & only[1]
    for name, found in (
        ("first", only[0] - changed),
        ("second", only[1] - changed),
        ("other", changed),
    ):
        for (part, _), count in found.items():
            noted = apart.setdefault(part, Apart())
            setattr(noted, name, getattr(noted, name) + count)


def _part(table: Table, row: Row) -> str:
    """The month of a row's time; of a table without, the first letter of its key."""
    if table.time is not None:
        return str(row[table.names.index(table.time)])[:7]
    return str(row[table.names.index(table.key[0])])[:1]


def _told(found: Apart, first: str, second: str) -> str:
    told = []
    for count, text in (
        (found.first, f"that only {first} has"),
        (found.second, f"that only {second} has"),
        (found.other, "that both have, and not alike"),
    ):
        if count:
            told.append(f"{count} row{'' if count == 1 else 's'} {text}")
    return ", ".join(told)
