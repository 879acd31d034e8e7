"""DRF's view of who is calling."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from aurum.errors import Forbidden
from aurum.identity import CALLER, Principal


class KeyAuthentication(BaseAuthentication):
    """Reads what the gateway has put into the scope, and identifies nobody itself.

    A request that has not passed the gateway has no caller there and fails.
    """

    def authenticate(self, request: Request) -> tuple[Principal, str]:
        http_request: Any = request._request
        caller: Principal | Exception = http_request.scope[CALLER]
        if isinstance(caller, Exception):
            raise caller
        return caller, ""


def check_csrf(request: HttpRequest) -> None:
    """Forbidden where a session asks for a change without the token that only our pages know.

    Django's own check; its middleware leaves out DRF's views, as callers with keys need no token.
    """
    check = CSRFCheck(_never)
    check.process_request(request)
    if (reason := check.process_view(request, _never, (), {})) is not None:
        raise Forbidden(f"A change in a session needs its CSRF token as X-CSRFToken: {reason}")


def _never(request: HttpRequest) -> HttpResponse:
    raise AssertionError  # the check has nothing behind it
