"""Zip archives and gzip files, taken apart within bounds; and what may be shown of their contents.

What an archive says of itself is not trusted: one that would unpack to far more than a publisher
ships is refused, with the reason, before it fills the disk.
"""

import gzip
import html
import os
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast

from aurum.errors import InvalidFile

Opener = Callable[[], BinaryIO]
"""Starts a file from the beginning, every time it is called."""

MOST_DEPTH = 3
"""An archive in an archive in an archive."""
MOST_MEMBERS = 20_000
MOST_BYTES = 8 * 2**30
"""Unpacked: of an archive with all that is in it, or of one gzip file."""
MOST_RATIO = 500
"""Publishers' files pack 3 to 12 times by gzip; a bomb, a thousand times."""
SMALL_BYTES = 16 * 2**20
"""Up to here the ratio does not matter."""
NAME_LENGTH = 500
"""Characters that the log of loads keeps of a file's name."""
BLOCK = 2**20

UNPACK_FIRST = "unpack it and load what is in it"
# RuntimeError is how zipfile tells of a password or an unknown compression; struct.error,
# ValueError and OverflowError come of a directory that is garbage.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError,
    OverflowError,
)  # fmt: skip


@dataclass
class Allowance:
    """What may still be unpacked of one archive that was named, and of all that is in it."""

    members: int = MOST_MEMBERS
    size: int = MOST_BYTES

    def members_of(self, path: Path) -> list[tuple[str, Opener]]:
        """Name and opener of every file in an archive, by name; InvalidFile where it is none, or
        too much."""
        try:
            with zipfile.ZipFile(path) as archive:
                # Not `is_dir`, which fails for an empty name.
                infos = [one for one in archive.infolist() if not one.filename.endswith("/")]
        except BROKEN as error:
            raise InvalidFile("this is not a zip archive, or it is cut off") from error
        size = sum(info.file_size for info in infos)
        self.members -= len(infos)
        self.size -= size
        if self.members < 0:
            raise InvalidFile(f"it holds more than {MOST_MEMBERS:,} files: {UNPACK_FIRST}")
        # zipfile ends each member where the directory says, so that its sizes are upper bounds.
        if self.size < 0:
            raise InvalidFile(f"it unpacks to more than {MOST_BYTES:,} bytes: {UNPACK_FIRST}")
        if size > _most(path.stat().st_size):
            raise InvalidFile(f"it unpacks to more than {MOST_RATIO} times its size")
        infos.sort(key=lambda info: info.filename)
        return [(info.filename, partial(_open_member, path, info)) for info in infos]


def gunzipped(open_packed: Opener) -> BinaryIO:
    """A gzip file unpacked, all of its members; InvalidFile where it is none, or too much."""
    with open_packed() as packed:
        size = packed.seek(0, os.SEEK_END)
        packed.seek(0)
        with gzip.GzipFile(fileobj=packed) as file:
            return _unpacked(cast(IO[bytes], file), min(MOST_BYTES, _most(size)))


def _most(packed: int) -> int:
    return max(packed * MOST_RATIO, SMALL_BYTES)


def _open_member(path: Path, info: zipfile.ZipInfo) -> BinaryIO:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(info) as member:
            return _unpacked(member, info.file_size)
    except BROKEN as error:
        raise InvalidFile(f"it cannot be unpacked: {error}") from error


def _unpacked(file: IO[bytes], most: int) -> BinaryIO:
    """A copy: it is read more than once, and its checksum is known to be right."""
    with ExitStack() as on_failure:
        copy = on_failure.enter_context(tempfile.TemporaryFile())
        try:
            while block := file.read(BLOCK):
                copy.write(block)
                if copy.tell() > most:
                    raise InvalidFile(f"it unpacks to more than {most:,} bytes: {UNPACK_FIRST}")
        except BROKEN as error:
            raise InvalidFile(f"it cannot be unpacked: {error}") from error
        on_failure.pop_all()
    copy.seek(0)
    return cast(BinaryIO, copy)


def keep(open_file: Opener, path: Path) -> Path:
    """The file's content at a path."""
    with open_file() as file, path.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    return path


def shown(text: str, most: int = NAME_LENGTH) -> str:
    """What may stand in a line of a terminal or of the log: a name from an archive may hold
    anything, a line end or a terminal's commands too."""
    safe = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return safe if len(safe) <= most else f"{safe[: most - 1]}…"


def first_words(open_file: Opener) -> str:
    """How a text begins, without tags; empty where it is no text, or cannot be read."""
    try:
        with open_file() as file:
            text = file.read(4096).decode("utf-8-sig", "ignore")
    except (InvalidFile, OSError):
        return ""
    if "\0" in text:
        return ""
    plain = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return shown(" ".join(plain.split()), 200)
