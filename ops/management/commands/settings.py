"""`manage.py settings`: every name of the environment, what it does, and what is in force."""

import re
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from aurum.environment import NAMES, PREFIX, Name, Status

_IN_URL = re.compile(r"(://[^:/@]*:).*@")
_IN_WORDS = re.compile(r"(password=)('[^']*'|[^\s&]*)", re.IGNORECASE)

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
            if entry.status is Status.KEPT:
                value, source = _in_force(name, entry)
                self.stdout.write(f"{name}={_shown(name, value)}  ({source}; {entry.note})")


def _in_force(name: str, entry: Name) -> tuple[str, str]:
    """The value that counts and where it comes from; an empty one counts as none."""
    aliases = [n for n, e in NAMES.items() if e.target and f"{PREFIX}{e.target}" == name]
    for word in (name, *aliases):
        if value := settings.ENVIRONMENT.get(word):
            return value, "environment" if word == name else f"environment, as {word}"
    return entry.default or "", "default"


def _shown(name: str, value: str) -> str:
    if value and "SECRET" in name:
        return "(hidden)"
    return _IN_WORDS.sub(r"\1(hidden)", _IN_URL.sub(r"\1(hidden)@", value))


def _page() -> str:
    lines = [PREAMBLE]
    for status in Status:
        lines += [
            f"## {status.value.capitalize()}",
            "",
            "| name | default | note |",
            "|---|---|---|",
        ]
        lines += [_line(name, entry) for name, entry in NAMES.items() if entry.status is status]
        lines.append("")
    return "\n".join(lines)


def _line(name: str, entry: Name) -> str:
    default = f"`{entry.default}`" if entry.default else ""
    return f"| `{name}` | {default} | {entry.note} |"
