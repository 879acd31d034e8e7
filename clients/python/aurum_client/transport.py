"""Asks a server, and asks again where that can help."""

from collections.abc import Callable, Generator, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import stamina

from aurum_client.errors import ApiError, AurumError, FieldError, TransferError
from aurum_client.version import __version__

T = TypeVar("T")

PASSING = frozenset({429, 502, 503, 504})
"""Statuses that another attempt may change."""
FIRST_WAIT, LONGEST_WAIT, JITTER = 0.2, 10.0, 0.2
"""Seconds between attempts, where the server says none."""


class _Key(httpx.Auth):
    """Puts a key into the header of a request, and shows it nowhere."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["X-API-Key"] = self._key
        yield request


class Transport:
    """A server's address, the caller's key, and connections that are kept."""

    def __init__(
        self, url: str, key: str | None, *, timeout: float, attempts: int, patience: float
    ) -> None:
        self._base = _base(url)
        self._address = str(self._base).rstrip("/")
        self.attempts, self.patience = attempts, patience
        self._http = httpx.Client(
            auth=_Key(_checked(key)) if key is not None else None,
            headers={"User-Agent": f"aurum-client/{__version__}"},
            timeout=timeout,
        )

    @property
    def url(self) -> str:
        """The address without what may be secret in it."""
        return str(self._base.copy_with(userinfo=b"")).rstrip("/")

    def close(self) -> None:
        self._http.close()

    def get(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        accept: str,
        read: Callable[[httpx.Response], T],
    ) -> T:
        """What `read` makes of the answer; ApiError or TransferError when the attempts are over.

        `read` raises TransferError where the answer is not whole.
        """
        again = stamina.retry_context(
            on=self._wait,
            attempts=self.attempts,
            timeout=self.patience,
            wait_initial=FIRST_WAIT,
            wait_max=LONGEST_WAIT,
            wait_jitter=JITTER,
        )
        for attempt in again:
            with attempt:
                return read(self._answer(path, query, accept))
        raise AssertionError("the last attempt neither returned nor raised")

    def _answer(self, path: str, query: Sequence[tuple[str, str]], accept: str) -> httpx.Response:
        address = f"{self._address}{path}"
        try:
            answer = self._http.get(address, params=list(query), headers={"Accept": accept})
        except httpx.RequestError as error:
            lost = TransferError(f"{type(error).__name__}: {error} ({self.url}{path})")
        else:
            if answer.status_code == HTTPStatus.OK:
                return answer
            raise _refusal(answer)
        # Raised out here: the caught error would stay its context, and has the request's headers.
        raise lost

    def _wait(self, error: Exception) -> bool | float:
        """Whether to ask again; a number is the seconds to wait before."""
        if isinstance(error, TransferError):
            return True
        if not isinstance(error, ApiError) or error.status not in PASSING:
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if error.retry_after <= self.patience else False


def unexpected(answer: httpx.Response) -> AurumError:
    """The error of a 200 that no Aurum sends, such as a proxy's page to sign in."""
    kind = answer.headers.get("content-type", "nothing that is named")
    return AurumError(f"The answer is {kind}: there is no Aurum at this address.")


def _base(url: str) -> httpx.URL:
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"url: {error}") from error
    if base.scheme not in ("http", "https") or not base.host:
        raise ValueError("url: an address as http://127.0.0.1:8000 is needed")
    if base.query or base.fragment:
        raise ValueError("url: it has no query; a key is given as `key`")
    return base


def _checked(key: str) -> str:
    """The key without the line end of its file. The error does not show it."""
    stripped = key.strip()
    if not stripped or not (stripped.isascii() and stripped.isprintable()):
        raise ValueError("key: it is empty, or has characters that no key has")
    return stripped


def _refusal(answer: httpx.Response) -> ApiError:
    """The problem document as an error; of another kind of document nothing is shown."""
    told = _problem(answer)
    errors = told.get("errors")
    moved = answer.headers.get("location")
    return ApiError(
        answer.status_code,
        str(told.get("title") or answer.reason_phrase),
        str(told.get("detail") or (f"It has moved to {moved}" if moved else "")),
        errors=[_field(error) for error in errors if isinstance(error, dict)]
        if isinstance(errors, list)
        else (),
        request_id=str(told.get("request_id") or answer.headers.get("x-request-id", "")),
        retry_after=_seconds(answer.headers.get("retry-after", "")),
    )


def _problem(answer: httpx.Response) -> dict[str, Any]:
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        try:
            told = answer.json()
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}
    return {}


def _field(error: dict[str, Any]) -> FieldError:
    constraint = error.get("constraint")
    return FieldError(
        str(error.get("field", "")),
        str(error.get("message", "")),
        None if constraint is None else str(constraint),
    )


def _seconds(text: str) -> float | None:
    """The seconds of a `Retry-After`; None where it is absent or a date."""
    return float(text) if text.isascii() and text.isdigit() else None
