"""A connection of the server: uvicorn's, with bounds on what it reads and how long it waits.

Of uvicorn's own bounds none concerns a request that is not here whole, and httptools joins the
parts of an unfinished header line anew with each part that comes. So what a request may send before
it is refused, and how long a client may take over sending a request or taking an answer, is bounded
here, before anything keeps or parses it.
"""

import secrets
from typing import Any, Final, NoReturn, cast

import structlog
from django.conf import settings
from django.utils.encoding import escape_uri_path
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from aurum.api.problems import problem_document, problem_headers
from aurum.errors import BadQuery, Overloaded, Problem, UriTooLong
from aurum.server.frame import MOST_HEADERS, headers_too_large, security_headers

log = structlog.get_logger("aurum.server")

PIECE: Final = 16_384
"""Bytes that the parser is given at once."""
LOOK_SECONDS: Final = 0.5
"""How often a connection is looked at, and so how exact its limits of time are."""


class Protocol(HttpToolsProtocol):
    """`limit_concurrency` counts connections: at the limit the one that has waited longest for its
    client makes room, and where none waits the new one is answered with 503."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn would answer 503 to everyone for as long as there are that many.
        self._most_connections, self.limit_concurrency = self.limit_concurrency, None
        # Kept, as each header of each request is compared with them.
        self._most_url_bytes = settings.AURUM_API_MAX_URL_BYTES
        self._most_head_bytes = settings.AURUM_API_MAX_HEADER_BYTES
        self._receiving, self._since = True, self.loop.time()
        self._reading_head, self._head_bytes = False, 0
        self._unfinished, self._finished = 0, False
        self._unsent, self._taken_at = 0, self._since
        self._refusal: Problem | None = None
        self._running: Any = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look_later()
        most = self._most_connections
        if most is not None and len(self.connections) > most and not self._make_room():
            self._refuse(Overloaded("This server has as many connections as it can serve."))

    def _make_room(self) -> bool:
        others = (one for one in self.connections if one is not self and isinstance(one, Protocol))
        waiting = [one for one in others if not one._is_answering()]
        if not waiting:
            return False
        longest = min(waiting, key=lambda one: one._since)
        self.connections.discard(longest)
        longest.transport.abort()
        return True

    def _is_answering(self) -> bool:
        """Whether a request is here whole whose answer is not done."""
        cycle = self.cycle
        waits = cycle is None or cycle.response_complete or cycle.more_body
        return bool(self.pipeline) or not waits

    # How long it waits

    def _look_later(self) -> None:
        self._look_task = self.loop.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        now, unsent = self.loop.time(), self.transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._taken_at = unsent, now
        if unsent and now - self._taken_at >= settings.AURUM_API_SEND_SECONDS:
            log.warning("answer_cut_off", path=self._path(), unsent_bytes=unsent)
            self.transport.abort()
        elif (
            self._receiving
            and not self._is_answering()
            and now - self._since >= settings.AURUM_API_RECEIVE_SECONDS
        ):
            log.info("request_given_up", path=self._path())
            self.transport.abort()
        else:
            self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look_task.cancel()
        # uvicorn tells only the last of pipelined requests, which has not begun.
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def shutdown(self) -> None:
        """What is under way has until shortly before uvicorn would cancel it with a traceback."""
        super().shutdown()
        if (seconds := self.config.timeout_graceful_shutdown) is not None:
            self.loop.call_later(max(0, seconds - 2 * LOOK_SECONDS), self.transport.abort)

    def on_response_complete(self) -> None:
        if not self._receiving:
            self._since = self.loop.time()
        super().on_response_complete()

    # What it reads

    def data_received(self, data: bytes) -> None:
        if not self._receiving:
            self._receiving, self._since = True, self.loop.time()
        for start in range(0, len(data), PIECE):
            if self.transport.is_closing():
                return
            piece = data[start : start + PIECE]
            self._finished = False
            super().data_received(piece)
            self._unfinished = len(piece) + (0 if self._finished else self._unfinished)
            # Of a line that does not end, be it of the headers or between chunks, the parser says
            # nothing.
            if self._unfinished > self._most_head_bytes + PIECE:
                self._refusal = headers_too_large()
                self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._receiving, self._since = True, self.loop.time()
        self._reading_head, self._head_bytes = True, 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._finished = True
        if len(self.url) >= self._most_url_bytes:
            self._stop(UriTooLong(f"The URL is longer than {self._most_url_bytes} bytes."))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._finished = True
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._most_head_bytes or len(self.headers) >= MOST_HEADERS:
            self._stop(headers_too_large())
        # What follows a body is no header: the request has been judged without it.
        if self._reading_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._finished, self._reading_head = True, False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._finished = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._finished, self._receiving = True, False
        super().on_message_complete()

    # What it refuses

    def _stop(self, problem: Problem) -> NoReturn:
        """Leaves the parser, which then has uvicorn send its 400."""
        self._refusal = problem
        raise problem

    def send_400_response(self, msg: str) -> None:
        if self._is_answering():
            # It would be taken for the answer to an earlier request: that one is the last.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        elif self.cycle is not None and self.cycle.response_started and self.cycle.more_body:
            self.transport.abort()
        else:
            self._refuse(self._refusal or BadQuery("This is no HTTP request that can be read."))

    def _refuse(self, problem: Problem) -> None:
        request_id = secrets.token_hex(16)
        body = problem_document(problem, self._path(), request_id)
        headers = [
            *self.server_state.default_headers,
            *((k.lower().encode(), v.encode()) for k, v in problem_headers(problem, body).items()),
            *security_headers(),
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(b"%s%s\r\n%s" % (STATUS_LINE[problem.status], lines, body))
        self.transport.close()
        log.info(
            "request_refused", path=self._path()[:200], status=problem.status, request_id=request_id
        )

    def _path(self) -> str:
        """Of the request as far as it has come, without its query: a key may be in that."""
        url = cast(bytes, getattr(self, "url", b""))
        return escape_uri_path(url.partition(b"?")[0].decode("latin-1"))
