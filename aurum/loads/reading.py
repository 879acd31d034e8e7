"""Reading a publisher's file: its text, its lines, its columns.

What is wrong with a file as a whole is InvalidFile and says where. What its cells mean is read in
`aurum.loads.cells`.
"""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, compress, islice
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from aurum.errors import InvalidFile, did_you_mean

ROWS_AT_ONCE = 5_000
"""Rows of a file in one batch, with those that are set aside: a file of any size needs no more
memory than these."""
CHARACTERS_AT_ONCE = 2**19
"""Of a CSV, which is cut into cells by so many."""
LONGEST_LINE = 2**20
"""Characters of a CSV's line, however many line ends are in its quotes."""
NO_TEXT = "it has a character that is in no text: NUL, or half of a pair"
CUT_OFF = (
    "the last line has no line end: the file is cut off; if it is whole, end it with a line end"
)


class Line(NamedTuple):
    """The cells of a CSV line, and the number of the line they end in."""

    number: int
    cells: list[str]

    @property
    def place(self) -> str:
        return f"line {self.number}"


class Block(NamedTuple):
    """Some lines of a CSV, one after another: their numbers and their cells."""

    numbers: Sequence[int]
    cells: list[list[str]]


def csv_lines(file: BinaryIO, *, ends_lines: bool = True) -> Iterator[Line]:
    """The lines of `csv_blocks`, one by one."""
    for block in csv_blocks(file, ends_lines=ends_lines):
        yield from map(Line, block.numbers, block.cells)


def csv_blocks(file: BinaryIO, *, ends_lines: bool = True) -> Iterator[Block]:
    """The lines of a CSV in UTF-8 that are not empty; InvalidFile where it is not one.

    A file whose last line has no line end is cut off, unless its report never has one there
    (`ends_lines`): what is left of that line may look like a whole one, with another number.
    """
    cut_off = ends_lines and not ends_its_last_line(file)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    blocks = _blocks(text)
    try:
        yield from _all_but_the_last(blocks) if cut_off else blocks
    except UnicodeDecodeError as error:
        raise InvalidFile("this is not UTF-8 text") from error
    finally:
        with suppress(ValueError):  # the file may be closed already, by a load that failed
            text.detach()


def _blocks(text: io.TextIOBase) -> Iterator[Block]:
    """The lines of a CSV, read at once as long as each is a record; InvalidFile as `_records`."""
    number = 1
    while block := text.read(CHARACTERS_AT_ONCE) + text.readline(LONGEST_LINE + 1):
        lines = io.StringIO(block, newline="").readlines()
        too_long = len(block) > LONGEST_LINE and max(map(len, lines)) > LONGEST_LINE
        cells = None if too_long or "\0" in block else _cells(lines)
        if cells is None:
            further = iter(lambda: text.readline(LONGEST_LINE + 1), "")
            records = _records(chain(lines, further), number)
            while some := list(islice(records, len(lines))):
                yield Block(*map(list, zip(*some, strict=True)))
            return
        numbers: Sequence[int] = range(number, number + len(lines))
        if [] in cells:
            numbers = list(compress(numbers, cells))
            cells = list(filter(None, cells))
        if cells:
            yield Block(numbers, cells)
        number += len(lines)


def _cells(lines: list[str]) -> list[list[str]] | None:
    """The cells of each line; None where a record has a line end within quotes, or is none."""
    try:
        cells = list(csv.reader(lines, strict=True))
    except csv.Error:
        return None
    return cells if len(cells) == len(lines) else None


def _records(lines: Iterator[str], number: int) -> Iterator[Line]:
    """The lines of a CSV that are not empty; InvalidFile for one that is none, or too long to be
    held. The first has this number."""
    held, before = 0, number - 1

    def bounded() -> Iterator[str]:
        nonlocal held
        for at, line in enumerate(lines, number):
            held += len(line)
            if held > LONGEST_LINE:
                raise InvalidFile(f"it has more than {LONGEST_LINE:,} characters", f"line {at}")
            if "\0" in line:
                raise InvalidFile(NO_TEXT, f"line {at}")
            yield line

    reader = csv.reader(bounded(), strict=True)
    try:
        for cells in reader:
            held = 0
            if cells:
                yield Line(before + reader.line_num, cells)
    except csv.Error as error:
        place = f"line {before + reader.line_num}"
        raise InvalidFile(f"this is not CSV: {error}", place) from error


def ends_its_last_line(file: BinaryIO) -> bool:
    """Whether an open file is empty or ends with a line end; it stays where it was."""
    at = file.tell()
    length = file.seek(0, io.SEEK_END)
    file.seek(max(length - 1, 0))
    last = file.read(1)
    file.seek(at)
    return last in b"\r\n"


def _all_but_the_last(blocks: Iterator[Block]) -> Iterator[Block]:
    """The lines before the last, and InvalidFile in place of that."""
    last = None
    for block in blocks:
        if last is not None:
            yield last
        last = block
    if last is None:
        raise InvalidFile(CUT_OFF)
    if len(last.cells) > 1:
        yield Block(last.numbers[:-1], last.cells[:-1])
    raise InvalidFile(CUT_OFF, f"line {last.numbers[-1]}")


def header_of(lines: Iterator[Line]) -> Line:
    """The first line; InvalidFile for a file that has none."""
    found = next(lines, None)
    if found is None:
        raise InvalidFile("the file is empty")
    return found


def header_and_blocks(file: BinaryIO) -> tuple[Line, Iterator[Block]]:
    """The first line of a CSV, and the others, as far as each has as many cells.

    InvalidFile for a file that has none; the blocks raise it for a line that has more or fewer
    cells than the header, when those before it have been taken.
    """
    blocks = csv_blocks(file)
    first = next(blocks, None)
    if first is None:
        raise InvalidFile("the file is empty")
    header = Line(first.numbers[0], first.cells[0])
    others = Block(first.numbers[1:], first.cells[1:])
    return header, _as_wide_as(header, chain([others], blocks))


def _as_wide_as(header: Line, blocks: Iterator[Block]) -> Iterator[Block]:
    width = len(header.cells)
    for numbers, cells in blocks:
        odd = None
        if {*map(len, cells)} - {width}:
            odd = next(at for at, line in enumerate(cells) if len(line) != width)
        if cells[:odd]:
            yield Block(numbers[:odd], cells[:odd])
        if odd is not None:
            whole(Line(numbers[odd], cells[odd]), header)  # raises


def begins_json(file: BinaryIO) -> bool:
    """Whether what follows a byte order mark and blanks opens an object or a list."""
    start = file.read(1024).lstrip(BOM_UTF8 + b" \t\r\n")
    file.seek(0)
    return start[:1] in (b"{", b"[")


def picker(header: Line, names: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]]:
    """A function from a line's cells to those of these columns, wherever the header has them.

    Columns that nobody asked for may be there; InvalidFile when one is missing, or there twice,
    however it is spelled.
    """
    found = [_plain(cell) for cell in header.cells]
    for name in names:
        if found.count(_plain(name)) != 1:
            fault = "is missing" if _plain(name) not in found else "is there twice"
            raise InvalidFile(f"column '{name}' {fault}", header.place)
    return itemgetter(*(found.index(_plain(name)) for name in names))


def heading(header: Line, *names: str) -> str:
    """The one heading that a header has of these, as it spells it; InvalidFile for none or two.

    Case, blanks and underscores make no difference: publishers change them from one day to another.
    """
    wanted = {_plain(name) for name in names}
    found = [cell.strip() for cell in header.cells if _plain(cell) in wanted]
    if len(found) != 1:
        fault = "is there twice" if found else "is missing"
        called = " or ".join(f"'{name}'" for name in names)
        raise InvalidFile(f"column {called} {fault}", header.place)
    return found[0]


def has_heading(header: Line, *names: str) -> bool:
    """Whether a header has one of these, however it spells it."""
    return not {_plain(name) for name in names}.isdisjoint(map(_plain, header.cells))


def known_names(header: Line, known: Sequence[str]) -> list[str]:
    """The columns of a header by these names, in its order and however it spells them.

    InvalidFile for a column that is none of them, and for one that is there twice.
    """
    named = {_plain(name): name for name in known}
    names: list[str] = []
    for cell in map(str.strip, header.cells):
        name = named.get(_plain(cell))
        if name is None:
            near = did_you_mean(cell, known)
            raise InvalidFile(f"there is no column '{cell}'{near}", header.place)
        if name in names:
            raise InvalidFile(f"column '{name}' is there twice", header.place)
        names.append(name)
    return names


def _plain(text: str) -> str:
    return text.replace("_", "").replace(" ", "").replace("\ufeff", "").casefold()


def whole(line: Line, header: Line) -> Line:
    """The line, if it has as many cells as the header; else InvalidFile."""
    wanted, there = len(header.cells), len(line.cells)
    if wanted != there:
        raise InvalidFile(f"{wanted} cells are expected, {there} are there", line.place)
    return line
