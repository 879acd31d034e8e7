"""How far a file has been read, on a bar."""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO


class Watched:
    """A binary file that tells the bar how far it has been read.

    Feeds may use any method of a file; the bar is moved by those that read.
    """

    def __init__(self, file: BinaryIO, bar: Any) -> None:
        self._file, self._bar, self._at = file, bar, 0
        bar.reset(total=_size(file))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._file:
            self._move()
            yield line

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._move()
        return block

    read1 = read  # what a text wrapper asks for

    def _move(self) -> None:
        at = self._file.tell()  # a feed may look at the end first, and go back
        self._bar.update(at - self._at)
        self._at = at


def _size(file: BinaryIO) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size
