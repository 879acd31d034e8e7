"""Two engines at a time, for one domain: opened, and locked so that no load comes between."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.management.base import CommandError

from aurum.stores.contract import LockLost, TableDiffers, Writer
from aurum.stores.registry import ENGINES, writer_to
from aurum.stores.tables import Table


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, named as in AURUM_STORES, and a connection to it."""

    name: str
    writer: Writer

    def has(self, table: Table) -> bool:
        """Whether there is the table; TableDiffers where it is not as declared."""
        differences = self.writer.differences(table)
        if differences:
            raise TableDiffers(f"{table.name} of {self.name}", differences)
        return differences is not None


@contextmanager
def opened(*names: str) -> Iterator[list[Engine]]:
    """CommandError where an engine is not set up, or named twice; StoreUnavailable."""
    if len({*names}) < len(names):
        raise CommandError(f"{names[0]} is the same engine: name two.")
    for name in names:
        for needed in ENGINES[name].needs:
            if not getattr(settings, needed):
                raise CommandError(f"The engine {name} needs {needed}.")
    with ExitStack() as stack:
        yield [Engine(name, stack.enter_context(closing(writer_to(name)))) for name in names]


@contextmanager
def locked(engines: Sequence[Engine], tables: Sequence[Table]) -> Iterator[None]:
    """Waits until no load has these tables of any of the engines.

    Engines may keep their locks in one place: then one lock is that of all.
    """
    places = {engine.writer.lock_place(): engine.writer for engine in engines}
    with ExitStack() as stack:
        for place in sorted(places):  # as every other does, so that two never wait for each other
            stack.enter_context(places[place].lock(tables))
        yield
        if not all(writer.holds_lock() for writer in places.values()):
            raise LockLost("the lock of the tables was lost: a load may have come between")
