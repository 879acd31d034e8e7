"""Every environment name Aurum knows: what it does, or what became of it.

They are listed in environment.csv. The predecessor's names are all there, so that an operator who
brings an old environment is told, name by name, what still counts. Anything else that starts with
AURUM_ fails `manage.py check`.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PREFIX = "AURUM_"
FILE = Path(__file__).with_suffix(".csv")


class Status(StrEnum):
    KEPT = "kept"
    ALIAS = "alias"
    DROPPED = "dropped"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Name:
    """`note` says what a kept name does, why another was dropped, or what a later one waits for.

    `default` is empty where there is none; `target` is what an alias stands for, without prefix.
    """

    status: Status
    note: str
    default: str = ""
    target: str | None = None


def _read() -> dict[str, Name]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: Name(
                Status(row["status"]),
                row["note"],
                row["default"],
                row["alias_of"].removeprefix(PREFIX) or None,
            )
            for row in csv.DictReader(file)
        }


NAMES = _read()
