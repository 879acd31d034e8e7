"""DRF's view of who is calling."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

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
