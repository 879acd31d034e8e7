"""Pictures of Vega-Lite specifications, drawn by vl-convert in a process of its own.

Drawing runs a JavaScript engine, which takes 100 MB and may take long: so it is another process,
which is ended when a picture is not done in time, and ends by itself when its server is gone.

    server -> drawer: a line of JSON: {"format": "svg", "spec": {…}}
    drawer -> server: a line of JSON: {"size": 123} or {"error": "…"}, then so many bytes
"""

import asyncio
import atexit
import json
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any, Final

import structlog

from aurum.errors import DeadlineExceeded, Overloaded, Problem

SECONDS: Final = 10.0
"""For one picture; the first waits a second for the process."""
SECONDS_OF_SCRIPT: Final = 90.0
SCRIPT: Final = "script"
"""In place of a picture: what a browser needs to draw specifications itself, as one script."""
MOST_WAITING: Final = 16
log = structlog.get_logger("aurum.drawing")


class Drawer:
    """Draws one picture at a time; those who ask meanwhile wait, up to MOST_WAITING of them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        # Of their own, so that pages, which need the loop's threads too, do not wait for pictures.
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="aurum-drawing")
        self._waiting: set[Future[bytes]] = set()

    async def draw(self, spec: dict[str, Any], form: str) -> bytes:
        """The picture as SVG or PNG. Raises Overloaded, DeadlineExceeded, or Problem where it
        cannot be drawn."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        picture = self._threads.submit(self.drawn, spec, form)
        self._waiting.add(picture)
        # A caller who leaves takes what has not begun along; what has counts until it is done.
        picture.add_done_callback(self._waiting.discard)
        return await asyncio.wrap_future(picture)

    def drawn(self, spec: dict[str, Any], form: str) -> bytes:
        """The same for who has a thread to wait in."""
        asked = json.dumps({"format": form, "spec": spec}).encode() + b"\n"
        seconds = SECONDS_OF_SCRIPT if form == SCRIPT else SECONDS
        with self._turn:
            process = self._running()
            alarm = threading.Timer(seconds, process.kill)
            alarm.start()
            try:
                return _answer(process, asked)
            except (OSError, ValueError) as error:
                late = not alarm.is_alive()
                self._end()
                log.warning("drawing_failed", late=late, error=type(error).__name__)
                raise DeadlineExceeded if late else Problem from error
            finally:
                alarm.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # In a session of its own, so that Ctrl-C in a terminal is the server's to answer.
            self._process = subprocess.Popen(  # noqa: S603 - nothing of it is anybody's input
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def close(self) -> None:
        """Ends the process; the next picture starts another."""
        with self._turn:
            self._end()


def _answer(process: subprocess.Popen[bytes], asked: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(asked)
    process.stdin.flush()
    head = json.loads(process.stdout.readline())
    if "error" in head:
        log.error("drawing_refused", error=head["error"])
        raise Problem
    picture = process.stdout.read(head["size"])
    if len(picture) < head["size"]:
        raise OSError("the drawing process ended")
    return picture


DRAWER = Drawer()
atexit.register(DRAWER.close)


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """What the process does, until nobody asks any more."""
    import vl_convert  # noqa: PLC0415 - 100 MB that the server itself has no use for

    for line in asked:
        wanted = json.loads(line)
        try:
            if wanted["format"] == SCRIPT:
                picture = vl_convert.javascript_bundle(None).encode()  # type: ignore[arg-type]  # the default snippet
            elif wanted["format"] == "svg":
                picture = vl_convert.vegalite_to_svg(wanted["spec"]).encode()
            else:
                picture = vl_convert.vegalite_to_png(wanted["spec"], scale=2)
            head = {"size": len(picture)}
        except ValueError as error:
            picture, head = b"", {"error": str(error)[:500]}  # type: ignore[dict-item]
        answers.write(json.dumps(head).encode() + b"\n" + picture)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
