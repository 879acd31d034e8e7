"""Reading a publisher's file: its text, its lines, its columns, its numbers.

What is wrong with a file as a whole is InvalidFile and says where; what is wrong with one row's
value is InvalidRow, and the row goes to quarantine under that reason.
"""

import csv
import io
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple

from aurum.errors import InvalidFile, did_you_mean

LARGEST_PRICE = 1e9
CUT_OFF = (
    "the last line has no line end: the file is cut off; if it is whole, end it with a line end"
)


class InvalidRow(ValueError):
    """A row's value that cannot be; the text is the reason quarantine keeps."""


class Line(NamedTuple):
    """The cells of a CSV line, and the number of the line they end in."""

    number: int
    cells: list[str]

    @property
    def place(self) -> str:
        return f"line {self.number}"


def csv_lines(file: BinaryIO, *, ends_lines: bool = True) -> Iterator[Line]:
    """The lines of a CSV in UTF-8 that are not empty; InvalidFile where it is not one.

    A file whose last line has no line end is cut off, unless its report never has one there
    (`ends_lines`): what is left of that line may look like a whole one, with another number.
    """
    cut_off = ends_lines and not ends_its_last_line(file)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    reader = csv.reader(text, strict=True)
    lines = (Line(reader.line_num, cells) for cells in reader if cells)
    try:
        yield from _all_but_the_last(lines) if cut_off else lines
    except csv.Error as error:
        raise InvalidFile(f"this is not CSV: {error}", f"line {reader.line_num}") from error
    except UnicodeDecodeError as error:
        raise InvalidFile("this is not UTF-8 text") from error
    finally:
        with suppress(ValueError):  # the file may be closed already, by a load that failed
            text.detach()


def ends_its_last_line(file: BinaryIO) -> bool:
    """Whether an open file is empty or ends with a line end; it stays where it was."""
    at = file.tell()
    length = file.seek(0, io.SEEK_END)
    file.seek(max(length - 1, 0))
    last = file.read(1)
    file.seek(at)
    return last in b"\r\n"


def _all_but_the_last(lines: Iterator[Line]) -> Iterator[Line]:
    """Those before the last, and InvalidFile in place of that."""
    last = None
    for line in lines:
        if last is not None:
            yield last
        last = line
    raise InvalidFile(CUT_OFF, last.place if last else None)


def header_of(lines: Iterator[Line]) -> Line:
    """The first line; InvalidFile for a file that has none."""
    found = next(lines, None)
    if found is None:
        raise InvalidFile("the file is empty")
    return found


def begins_json(file: BinaryIO) -> bool:
    """Whether what follows a byte order mark and blanks opens an object or a list."""
    start = file.read(1024).lstrip(BOM_UTF8 + b" \t\r\n")
    file.seek(0)
    return start[:1] in (b"{", b"[")


def json_document(file: BinaryIO) -> Any:
    """A whole JSON document; InvalidFile where it is not one.

    Blanks and a byte order mark before it, in whichever order, are no part of it.
    """
    try:
        text = file.read().decode()
        if text.lstrip().startswith("\ufeff"):
            text = text.replace("\ufeff", " ", 1)
        return json.loads(text)
    except UnicodeDecodeError as error:
        raise InvalidFile("this is not UTF-8 text", f"byte {error.start}") from error
    except RecursionError:
        raise InvalidFile("this JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidFile(f"this is not whole JSON: {error.msg}", place) from error


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


def wall(text: str, form: str) -> datetime:
    """What a publisher's clock shows, as a time without zone; ValueError where it is not one."""
    return datetime.strptime(text, form)  # noqa: DTZ007 - the feed knows whose clock it is


def price(value: Any) -> float | None:
    """A price as a finite number within ±1e9, None for an empty cell; InvalidRow for others.

    Blanks around a number are publishers' padding.
    """
    if value is None or value == "":
        return None
    kind = type(value)
    if kind is str:
        if "_" in value or not value.isascii():
            raise InvalidRow("invalid_price")  # numbers to Python and to nobody else
    elif kind is not float and kind is not int:
        raise InvalidRow("invalid_price")
    try:
        number = float(value)
    except ValueError:
        raise InvalidRow("invalid_price") from None
    except OverflowError:
        raise InvalidRow("out_of_range") from None
    if -LARGEST_PRICE <= number <= LARGEST_PRICE:
        return number
    raise InvalidRow("out_of_range")  # which is also what no number at all is
