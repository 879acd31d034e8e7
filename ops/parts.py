"""Files that are parts of one report, read as one file in which they follow one another."""

import re
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import BinaryIO, cast

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from ops.unpacking import Opener

_LINE = re.compile(r"line (\d+)")


class Parts:
    """Parts of one report, each a name and its opener.

    What `feed` says of a line of the whole, it says of the line of the part.
    """

    def __init__(self, feed: Feed, parts: Sequence[tuple[str, Opener]]) -> None:
        self.feed = replace(feed, read=self._read)
        self._feed, self._parts = feed, parts
        self._lines_before: list[int] = []

    def open(self) -> BinaryIO:
        """The whole; InvalidFile where a part is cut off, which the next part would hide."""
        self._lines_before, lines = [], 0
        with ExitStack() as on_failure:
            whole = on_failure.enter_context(tempfile.TemporaryFile())
            for name, open_part in self._parts:
                self._lines_before.append(lines)
                line = b""
                with open_part() as part:
                    for line in part:
                        whole.write(line)
                        lines += 1
                if not line.endswith((b"\n", b"\r")):
                    fault = (
                        "its last line has no line end: it is cut off" if line else "it is empty"
                    )
                    raise InvalidFile(fault, name)
            on_failure.pop_all()
        whole.seek(0)
        return cast(BinaryIO, whole)

    def _read(self, file: BinaryIO) -> Iterator[Batch]:
        try:
            for batch in self._feed.read(file):
                for rows in (batch.rejected, batch.flagged):
                    rows[:] = [replace(row, place=self._place(row.place)) for row in rows]
                for places in batch.places.values():
                    places[:] = map(self._place, places)
                yield batch
        except InvalidFile as error:
            place = error.place and self._place(error.place)
            raise InvalidFile(error.reason, place) from error

    def _place(self, place: str) -> str:
        """`line 7` of the whole as `part.csv: line 3`."""
        found = _LINE.search(place)
        if not found:
            return place
        line = int(found[1])
        part = bisect_right(self._lines_before, line - 1) - 1
        within = f"line {line - self._lines_before[part]}"
        return f"{self._parts[part][0]}: {place[: found.start()]}{within}{place[found.end() :]}"
