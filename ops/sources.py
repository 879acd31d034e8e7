"""From a command's arguments to files, each with the feed that loads it.

Arguments are files, folders, zip archives, gzip files and glob patterns. A folder is walked one
level deep; an archive as a whole, with the archives in it.
"""

import glob
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from aurum.domains import Domain, feeds_for
from aurum.errors import InvalidFile
from aurum.loads.feeds import Feed
from aurum.loads.loader import Source
from aurum.loads.reasons import what_failed
from ops.parts import Parts
from ops.unpacking import MOST_DEPTH, Allowance, Opener, first_words, gunzipped, keep, shown

UNKNOWN = "no feed knows this name"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not loaded; both texts are safe to print."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that was found. `where` is its path, through archives; `name` is the part of it that
    the log of loads keeps, `base` what feeds are offered. Parts of one report are in one `folder`.
    """

    where: str
    name: str
    base: str
    folder: str
    open: Opener
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    domain: Domain
    feed: Feed
    source: Source
    by_name: bool
    """Whether it was the file's name that led to the feed."""


@dataclass
class Sources:
    """What to load, in name order within each argument; what was left out because of its name; and
    what cannot be loaded."""

    files: list[Found] = field(default_factory=list)
    not_taken: list[LeftOut] = field(default_factory=list)
    refused: list[LeftOut] = field(default_factory=list)


@contextmanager
def find_sources(named: tuple[Domain, Feed] | None, arguments: Iterable[str]) -> Iterator[Sources]:
    """The files of the arguments, for the feed that was named or the one that knows each name.

    Of a folder or an archive the feed that was named gets only the names it knows; a file that is
    named itself it gets under any name that is not that of another feed of its publisher, because
    there are reports that only their names tell apart. The files can be opened until the context
    ends.
    """
    with tempfile.TemporaryDirectory() as scratch:
        search = _Search(named, Path(scratch))
        for argument in arguments:
            there = [argument] if os.path.lexists(argument) else sorted(glob.glob(argument))
            if not there:
                search.refuse(argument, "there is no such file")
            for name in there:
                search.argument(Path(name))
        yield search.sources()


class _Search:
    """Goes through the arguments and sorts what it finds."""

    def __init__(self, named: tuple[Domain, Feed] | None, scratch: Path) -> None:
        self._named, self._scratch = named, scratch
        self._allowance = Allowance()
        self._kept = 0
        self._taken: dict[tuple[str, ...], tuple[Domain, Feed, list[File]]] = {}
        self._decided = 0
        """How many files were taken or refused."""
        self._found = Sources()

    def argument(self, path: Path) -> None:
        """A path that was named. That nothing of it is taken is a refusal."""
        self._allowance = Allowance()
        before = self._decided
        try:
            if path.is_dir():
                left_out = [self._file(_on_disk(child)) for child in sorted(path.iterdir())]
            else:
                left_out = [self._file(_on_disk(path), outright=True)]
        except Exception as error:  # noqa: BLE001 - the other arguments are looked at all the same
            self.refuse(str(path), what_failed(error) or str(error) or type(error).__name__)
            return
        if before == self._decided:
            self.refuse(str(path), _nothing_taken([file for file in left_out if file]))

    def sources(self) -> Sources:
        for domain, feed, files in self._taken.values():
            source, feed = _source(feed, files)
            self._found.files.append(Found(domain, feed, source, self._named is None))
        return self._found

    def refuse(self, name: str, reason: str) -> None:
        self._decided += 1
        self._found.refused.append(LeftOut(shown(name), shown(reason)))

    def _file(self, file: File, *, outright: bool = False, depth: int = 0) -> File | None:
        """Takes a file or leaves it out; gives it back where no feed knows its name."""
        if file.path is not None and file.path.exists() and not file.path.is_file():
            self._leave_out(file, "it is no file, and a folder in a folder is not looked into")
            return None
        if file.base.lower().endswith(".gz"):
            opener = partial(gunzipped, file.open)
            file = replace(file, base=file.base[: -len(".gz")], open=opener, path=None)
        if file.base.lower().endswith(".zip"):
            self._archive(file, depth + 1)
        elif file.base.startswith(".") and not outright:
            self._leave_out(file, "it is hidden")
        else:
            return self._offer(file, outright=outright)
        return None

    def _archive(self, file: File, depth: int) -> None:
        if depth > MOST_DEPTH:
            self.refuse(file.where, f"more than {MOST_DEPTH} archives are in one another")
            return
        before = self._decided
        try:
            members = self._allowance.members_of(file.path or self._keep(file))
        except (InvalidFile, OSError) as error:
            self.refuse(file.where, str(error))
            return
        unknown = [self._file(_member(file, *member), depth=depth) for member in members]
        if before == self._decided and all(unknown):
            self.refuse(file.where, _nothing_taken([one for one in unknown if one]))

    def _keep(self, file: File) -> Path:
        self._kept += 1
        return keep(file.open, self._scratch / str(self._kept))

    def _offer(self, file: File, *, outright: bool) -> File | None:
        known = feeds_for(file.base)
        if self._named is None:
            return self._find(file, known, outright=outright)
        publisher = self._named[1].publisher
        theirs = [feed for _, feed in known if feed.publisher == publisher]
        if self._named[1] in theirs or (outright and not theirs):
            self._take(file, *self._named)
        elif outright:
            names = " or ".join(feed.name for feed in theirs)
            self.refuse(file.where, f"its name is that of {names}: name that feed, or none")
        elif known:
            self._leave_out(file, f"its name is that of {known[0][1].name}")
        else:
            self._leave_out(file, UNKNOWN)
            return file
        return None

    def _find(self, file: File, known: list[tuple[Domain, Feed]], *, outright: bool) -> File | None:
        """Takes a file for the first feed that knows its name."""
        if not known:
            if outright:
                self.refuse(file.where, f"{UNKNOWN}: name the feed, as in load FEED PATH")
            else:
                self._leave_out(file, UNKNOWN)
            return file
        domain, first = known[0]
        rivals = [feed.name for _, feed in known if feed.publisher == first.publisher]
        if len(rivals) > 1:
            self.refuse(file.where, f"its name fits {' and '.join(rivals)}: name the feed")
        else:
            self._take(file, domain, first)
        return None

    def _take(self, file: File, domain: Domain, feed: Feed) -> None:
        self._decided += 1
        whole = feed.joins(file.base) if feed.joins else str(self._decided)
        key = (feed.name, file.folder, whole)
        self._taken.setdefault(key, (domain, feed, []))[2].append(file)

    def _leave_out(self, file: File, reason: str) -> None:
        self._found.not_taken.append(LeftOut(shown(file.where), reason))


def _on_disk(path: Path) -> File:
    folder = os.path.abspath(path.parent)
    return File(str(path), path.name, path.name, folder, lambda: path.open("rb"), path)


def _member(archive: File, name: str, opener: Opener) -> File:
    # Some programs for Windows separate folders by backslashes.
    inner, _, base = name.replace("\\", "/").rpartition("/")
    folder = f"{archive.where}/{inner}"
    return File(f"{archive.where}/{name}", f"{archive.name}/{name}", base, folder, opener)


def _nothing_taken(unknown: list[File]) -> str:
    """Why an argument or an archive brings nothing; with a publisher's words, which may say it."""
    said = next(filter(None, (first_words(file.open) for file in unknown[:3])), "")
    return f"nothing in it is taken{said and f'; it begins: {said}'}"


def _source(feed: Feed, files: list[File]) -> tuple[Source, Feed]:
    """One file, or parts of one report, and the feed to read it."""
    first = files[0]
    if len(files) == 1 or feed.joins is None:
        return Source(shown(first.name), first.open), feed
    whole = first.name[: first.name.rfind("/") + 1] + feed.joins(first.base)
    parts = Parts(feed, [(shown(file.base), file.open) for file in files])
    return Source(shown(whole), parts.open), parts.feed
