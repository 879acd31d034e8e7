"""What becomes of a command's arguments, and folders and archives to give it."""

import io
import zipfile
from pathlib import Path
from typing import Any

from aurum.domains import find_feed
from ops.sources import find_sources


def found(*arguments: Path | str, feed: str | None = None) -> list[tuple[str, str]]:
    """Name and feed of each file that would be loaded."""
    with find_sources(feed and find_feed(feed), map(str, arguments)) as sources:
        return [(one.source.name, one.feed.name) for one in sources.files]


def left_out(*arguments: Path | str, feed: str | None = None) -> tuple[list[Any], list[Any]]:
    """What is not taken, and what is refused."""
    with find_sources(feed and find_feed(feed), map(str, arguments)) as sources:
        return sources.not_taken, sources.refused


def packed(files: dict[str, str | bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("x\n")
