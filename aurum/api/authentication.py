"""DRF's view of who is calling."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from aurum.identity import Principal, identify


class KeyAuthentication(BaseAuthentication):
    """DRF's authentication over what is in memory: no I/O, so it is safe in the event loop.

    The front has put the caller into the scope; who comes another way is identified here.
    """

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        scope, meta = getattr(request._request, "scope", {}), request._request.META
        caller = scope.get("aurum.principal") or identify(
            authorization=meta.get("HTTP_AUTHORIZATION"),
            api_key=meta.get("HTTP_X_API_KEY"),
            address=meta.get("REMOTE_ADDR", ""),
            forwarded="HTTP_X_FORWARDED_FOR" in meta or "HTTP_FORWARDED" in meta,
        )
        return (caller, "") if caller else None
