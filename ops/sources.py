"""From a command's arguments to files: plain files, directories, zip archives, glob patterns."""

import glob
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from aurum.errors import InvalidFile
from aurum.loads.feeds import Feed
from aurum.loads.loader import Source


@dataclass(frozen=True, slots=True)
class RefusedSource:
    name: str
    reason: str


@dataclass
class Sources:
    """What to load, in name order within each argument; what was left out because the feed does not
    know its name; and what cannot be read."""

    sources: list[Source] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)
    refused: list[RefusedSource] = field(default_factory=list)


def find_sources(feed: Feed, arguments: Iterable[str]) -> Sources:
    """Of a directory or archive only the names that the feed knows; a file that is named itself is
    taken under any name."""
    taken = Sources()
    for argument in arguments:
        named = [argument] if Path(argument).exists() else sorted(glob.glob(argument))
        if not named:
            taken.refused.append(RefusedSource(argument, "there is no such file"))
        for name in named:
            _take(feed, Path(name), taken)
    return taken


def _take(feed: Feed, path: Path, taken: Sources) -> None:
    if path.is_dir():
        for child in sorted(path.iterdir()):
            if child.is_file() and feed.takes(child.name):
                taken.sources.append(_plain(child))
            else:
                taken.not_taken.append(str(child))
    elif path.suffix.lower() == ".zip":
        _take_archive(feed, path, taken)
    else:
        taken.sources.append(_plain(path))


def _plain(path: Path) -> Source:
    return Source(path.name, lambda: path.open("rb"))


def _take_archive(feed: Feed, path: Path, taken: Sources) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
    except zipfile.BadZipFile:
        taken.refused.append(
            RefusedSource(str(path), "this is not a zip archive, or it is cut off")
        )
        return
    for name in names:
        if feed.takes(name):
            taken.sources.append(Source(f"{path.name}/{name}", partial(_open_member, path, name)))
        else:
            taken.not_taken.append(f"{path}/{name}")


def _open_member(path: Path, name: str) -> BinaryIO:
    """The member unpacked: it is read more than once, and its checksum is known to be right."""
    with ExitStack() as on_failure:
        unpacked = on_failure.enter_context(tempfile.TemporaryFile())
        try:
            with zipfile.ZipFile(path) as archive, archive.open(name) as member:
                shutil.copyfileobj(member, unpacked)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            # RuntimeError is how zipfile tells of a password or an unknown compression.
            raise InvalidFile(f"it cannot be unpacked: {error}") from error
        on_failure.pop_all()
    unpacked.seek(0)
    return cast(BinaryIO, unpacked)
