"""Good files of prices, and what becomes of files: cut, changed, swapped, repeated, respelled."""

import csv
import io
import json
import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple
from unittest import mock

from tests.iso import published
from tests.iso.published import Hour

TOKENS = ("", " ", "n/a", "1e12", "nan", "-5", "0", "17.25", "2025-11-02", "25", "\u00e9", "X", '"')
PLACES = ("7", "8")
DEARER = 10


class Mutant(NamedTuple):
    """`touched` are the lines whose cells are not the publisher's any more; `same` says that the
    file means what it meant."""

    what: str
    text: str
    touched: frozenset[int] = frozenset()
    same: bool = False


def dearer(hour: Hour) -> tuple[int, int, int]:
    """The parts of the second place's price: another congestion."""
    energy, congestion, loss = cents(hour)
    return energy, congestion + DEARER, loss


cents = published.cents
OTHER_PLACE = {
    "isone": ('"7","HUB"', '"8","HAB"'),
    "pjm": (",7,HUB,", ",8,HAB,"),
    "spp": (",SWPP,7,", ",SWPP,8,"),
    "nyiso": ('"HUB",7,', '"HAB",8,'),
    "caiso": (",7,7,7,", ",8,8,8,"),
    "ercot": (",7,    ", ",8,    "),
    "miso": ("7,Hub,", "8,Hub,"),
}


def good(publisher: str, hours: list[Hour]) -> str:
    """A publisher's file of two places, row by row, each line ended."""
    if publisher in OTHER_FORMS:
        return OTHER_FORMS[publisher](hours)
    form = published.FORMS[publisher]
    first = form(hours).splitlines()
    with mock.patch.object(published, "cents", dearer):
        second = form(hours).splitlines()
    here, there = OTHER_PLACE[publisher]
    lines = []
    for one, other in zip(first, second, strict=True):
        lines.append(one)
        if here in other:
            lines.append(other.replace(here, there))
    text = "\n".join(lines) + "\n"
    return re.sub(r'"T","(\d+) lines"', lambda found: f'"T","{2 * int(found[1])} lines"', text)


def _ercot_json(hours: list[Hour]) -> str:
    document = json.loads(published.ercot_json(hours))
    with mock.patch.object(published, "cents", dearer):
        more = json.loads(published.ercot_json(hours))["data"]
    both = zip(document["data"], more, strict=True)
    document["data"] = [row for a, b in both for row in (a, [*b[:2], "8", *b[3:]])]
    return json.dumps(document)


def _own(hours: list[Hour]) -> str:
    lines = [
        "iso,market,location_id,interval_start,price_total,price_energy,price_congestion,"
        "price_loss,interval_minutes,status,version"
    ]
    for hour in hours:
        for place, parts in zip(PLACES, (cents(hour), dearer(hour)), strict=True):
            prices = ",".join(f"{part / 100:.2f}" for part in (sum(parts), *parts))
            lines.append(f"PJM,DAY_AHEAD,{place},{hour.start:%Y-%m-%dT%H:%MZ},{prices},60,FINAL,1")
    return "\n".join((*lines, ""))


OTHER_FORMS = {"ercot_json": _ercot_json, "own": _own}


def cut(text: str, at: Random) -> Mutant:
    """Anywhere; at the end of a line; at the end of a cell."""
    ends = [found.end() for found in re.finditer(at.choice(("\n", ",", ".")), text)]
    end = at.choice(ends) if ends and at.random() < 0.5 else at.randrange(len(text))
    return Mutant(f"cut at {end} of {len(text)}", text[:end])


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _lines(rows: list[list[str]]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue()


def change_cell(text: str, at: Random) -> Mutant:
    rows = _cells(text)
    line = at.randrange(len(rows))
    if not rows[line]:
        return Mutant("nothing", text, same=True)
    column = at.randrange(len(rows[line]))
    others = [row[column] for row in rows if column < len(row)]
    rows[line][column] = at.choice((at.choice(TOKENS), at.choice(others)))
    what = f"line {line + 1}, cell {column} is {rows[line][column]!r}"
    return Mutant(what, _lines(rows), frozenset({line + 1}))


def swap_columns(text: str, at: Random) -> Mutant:
    """Of the whole file, or of one line alone."""
    rows = _cells(text)
    one, other = at.sample(range(max(map(len, rows))), 2)
    chosen = range(len(rows)) if at.random() < 0.5 else [at.randrange(len(rows))]
    for line in chosen:
        row = rows[line]
        if max(one, other) < len(row):
            row[one], row[other] = row[other], row[one]
    every = len(chosen) == len(rows)
    touched = frozenset() if every else frozenset(line + 1 for line in chosen)
    return Mutant(f"cells {one} and {other} swapped in {chosen}", _lines(rows), touched)


def repeat_line(text: str, at: Random) -> Mutant:
    lines = text.splitlines(keepends=True)
    line = at.randrange(len(lines))
    lines.insert(at.randrange(len(lines) + 1), lines[line])
    return Mutant(f"line {line + 1} repeated", "".join(lines))


def drop_line(text: str, at: Random) -> Mutant:
    lines = text.splitlines(keepends=True)
    line = at.randrange(len(lines))
    return Mutant(f"line {line + 1} dropped", "".join(lines[:line] + lines[line + 1 :]))


def respell(text: str, at: Random) -> Mutant:
    lines = text.splitlines()
    ways: dict[str, Callable[[], str]] = {
        "a byte order mark": lambda: f"\ufeff{text}",
        "other line ends": lambda: "\r\n".join((*lines, "")),
        "empty lines": lambda: "\n".join((*lines, "", "")),
        "headings in capitals": lambda: "\n".join((lines[0].upper(), *lines[1:], "")),
        "headings in lower case": lambda: "\n".join((lines[0].lower(), *lines[1:], "")),
        "blanks in headings": lambda: "\n".join((lines[0].replace("_", " "), *lines[1:], "")),
        "padded headings": lambda: "\n".join((lines[0].replace(",", " , "), *lines[1:], "")),
        "quoted cells": lambda: _lines_quoted(_cells(text)),
        "no line end": lambda: text.rstrip("\n"),
    }
    what = at.choice(list(ways))
    return Mutant(what, ways[what](), same=True)


def _lines_quoted(rows: list[list[str]]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return made.getvalue()


def respell_json(text: str, at: Random) -> Mutant:
    ways = {
        "a byte order mark": f"\ufeff{text}",
        "blanks before it": f"\n \t{text}\n",
        "over many lines": json.dumps(json.loads(text), indent=1),
        "names in capitals": re.sub(r'"name": "(\w+)"', lambda n: n[0].upper(), text).replace(
            '"NAME"', '"name"'
        ),
    }
    what = at.choice(list(ways))
    return Mutant(what, ways[what], same=True)


WAYS = (cut, change_cell, swap_columns, repeat_line, drop_line, respell)


def mutant(text: str, at: Random) -> Mutant:
    if text.startswith("{"):
        return at.choice((cut, respell_json))(text, at)
    return at.choice(WAYS)(text, at)
