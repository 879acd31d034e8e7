"""Reading a publisher's file: its text, its lines, its columns, its numbers.

What is wrong with a file as a whole is InvalidFile and says where; what is wrong with one row's
value is InvalidRow, and the row goes to quarantine under that reason.
"""

import csv
import io
import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple

from aurum.errors import InvalidFile

LARGEST_PRICE = 1e9


class InvalidRow(ValueError):
    """A row's value that cannot be; the text is the reason quarantine keeps."""


class Line(NamedTuple):
    """The cells of a CSV line, and the number of the line they end in."""

    number: int
    cells: list[str]

    @property
    def place(self) -> str:
        return f"line {self.number}"


def csv_lines(file: BinaryIO, *, ends_lines: bool = False) -> Iterator[Line]:
    """The lines of a CSV in UTF-8 that are not empty; InvalidFile where it is not one.

    `ends_lines` is for reports whose last line, too, has a line end: without one it is cut off.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    reader = csv.reader(text, strict=True)
    try:
        for cells in reader:
            if cells:
                yield Line(reader.line_num, cells)
        if ends_lines and reader.line_num:
            file.seek(-1, os.SEEK_END)
            if file.read(1) not in b"\r\n":
                raise InvalidFile(
                    "the last line has no line end, so the file is cut off: fetch it again",
                    f"line {reader.line_num}",
                )
    except csv.Error as error:
        raise InvalidFile(f"this is not CSV: {error}", f"line {reader.line_num}") from error
    except UnicodeDecodeError as error:
        raise InvalidFile("this is not UTF-8 text") from error
    finally:
        with suppress(ValueError):  # the file may be closed already, by a load that failed
            text.detach()


def header_of(lines: Iterator[Line]) -> Line:
    """The first line; InvalidFile for a file that has none."""
    found = next(lines, None)
    if found is None:
        raise InvalidFile("the file is empty")
    return found


def begins_json(file: BinaryIO) -> bool:
    """Whether what follows a byte order mark and blanks opens an object or a list."""
    start = file.read(1024).removeprefix(BOM_UTF8).lstrip()
    file.seek(0)
    return start[:1] in (b"{", b"[")


def json_document(file: BinaryIO) -> Any:
    """A whole JSON document; InvalidFile where it is not one."""
    try:
        return json.loads(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidFile("this is not UTF-8 text", f"byte {error.start}") from error
    except RecursionError:
        raise InvalidFile("this JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidFile(f"this is not whole JSON: {error.msg}", place) from error


def picker(header: Line, names: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]]:
    """A function from a line's cells to those of these columns, wherever the header has them.

    Columns that nobody asked for may be there; InvalidFile when one is missing, or there twice.
    """
    found = [cell.strip() for cell in header.cells]
    for name in names:
        if found.count(name) != 1:
            fault = "is missing" if name not in found else "is there twice"
            raise InvalidFile(f"column '{name}' {fault}", header.place)
    return itemgetter(*map(found.index, names))


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


def _plain(text: str) -> str:
    return text.replace("_", "").replace(" ", "").casefold()


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
