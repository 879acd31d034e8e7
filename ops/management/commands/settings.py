"""`manage.py settings`: every name of the environment, what it does, and what is in force."""

import re
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from aurum.names import NAMES, Fate, Name

_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*@")

PREAMBLE = """# Settings

Aurum is configured by its environment alone. This page is what `manage.py settings --markdown`
prints; `manage.py settings` shows what is in force. A name that starts with `AURUM_` and is not
*kept* or an *alias* here fails `manage.py check`, and so the start of the server.
"""


class Command(BaseCommand):
    help = "Shows the settings in force, or documents every name there is."
    requires_system_checks = ()  # it is there to find out what a check complains about

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--markdown", action="store_true", help="the page docs/settings.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["markdown"]:
            self.stdout.write(_page(), ending="")
            return
        for name, entry in NAMES.items():
            if entry.fate is Fate.KEPT:
                given = name in settings.ENVIRONMENT
                value = settings.ENVIRONMENT.get(name, entry.default)
                source = "environment" if given else "default"
                self.stdout.write(f"{name}={_shown(name, value)}  ({source}; {entry.note})")


def _shown(name: str, value: str | None) -> str:
    if value and "SECRET" in name:
        return "(hidden)"
    return _PASSWORD.sub(r"\1(hidden)@", value or "")


def _page() -> str:
    lines = [PREAMBLE]
    for fate in Fate:
        lines += [f"## {fate.value.capitalize()}", "", "| name | default | note |", "|---|---|---|"]
        lines += [_line(name, entry) for name, entry in NAMES.items() if entry.fate is fate]
        lines.append("")
    return "\n".join(lines)


def _line(name: str, entry: Name) -> str:
    default = f"`{entry.default}`" if entry.default else ""
    return f"| `{name}` | {default} | {entry.note} |"
