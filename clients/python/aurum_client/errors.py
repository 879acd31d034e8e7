"""What can go wrong between here and a server.

    AurumError
    ├── ApiError         the server refused, and says why
    └── TransferError    no answer, or not the whole of one, after several attempts

None of them holds the request, which carries the key.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class AurumError(Exception):
    """Whatever this package raises about a server."""


class TransferError(AurumError):
    """The connection broke, or what came is not a whole answer."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one parameter; `constraint` says what would be right."""

    field: str
    message: str
    constraint: str | None = None

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" + (
            f" Allowed: {self.constraint}." if self.constraint else ""
        )


class ApiError(AurumError):
    """The server's problem document. `errors` has each parameter that cannot be used.

    `request_id` finds the request in the server's log; it is empty where something before the
    server has answered. `retry_after` are the seconds after which to try again, where it says so.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(status, title, detail)
        self.status, self.title, self.detail = status, title, detail
        self.errors, self.request_id = tuple(errors), request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        said = [f"{self.status} {self.title}"]
        # The detail of a wrong query repeats the first of its errors.
        said += [f"  {error}" for error in self.errors] or [f"  {self.detail}"] * bool(self.detail)
        if self.request_id:
            said.append(f"  request_id {self.request_id}")
        return "\n".join(said)
