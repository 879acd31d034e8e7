"""Locks of tables, for loads: held until their block ends, or the process."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, Protocol

import structlog

from aurum.stores.contract import WAITING

log = structlog.get_logger("aurum.stores")


class Locks(Protocol):
    def hold(self, tables: Sequence[str]) -> AbstractContextManager[None]:
        """A block in which no other load has these tables; waits for it."""

    def place(self) -> str:
        """Where they are: what one holds there, no other can."""

    def are_held(self) -> bool:
        """Whether they still are: a lost connection or a removed lock file loses them."""


class FileLocks:
    """A file per table, locked in name order; the kernel drops the locks with the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[IO[str]] = []

    @contextmanager
    def hold(self, tables: Sequence[str]) -> Iterator[None]:
        self._folder.mkdir(exist_ok=True)
        with ExitStack() as stack:
            stack.callback(self._held.clear)
            for name in sorted(tables):
                lock = stack.enter_context((self._folder / name).open("w"))
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    log.warning(WAITING, table=name)
                    fcntl.flock(lock, fcntl.LOCK_EX)
                self._held.append(lock)
            yield

    def place(self) -> str:
        return str(self._folder.resolve())

    def are_held(self) -> bool:
        return bool(self._held) and all(map(_is_in_place, self._held))


def _is_in_place(lock: IO[str]) -> bool:
    """Whether this is still the file that other loads would lock: its folder may be removed."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), os.stat(lock.name))
    except FileNotFoundError:
        return False
