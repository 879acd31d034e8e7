"""Who is calling: the principal, and DRF's authentication over a snapshot of API keys."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from aurum.ask import Principal
from aurum.errors import Unauthorized
from aurum.snapshots import Snapshot

DEMO_TENANT = "demo"


ANONYMOUS = Principal("anonymous", DEMO_TENANT, frozenset({"read"}))


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One usable API key as the ops database knows it; the secret itself is nowhere kept."""

    prefix: str
    sha256: str
    tenant: str
    scopes: frozenset[str]
    expires_at: datetime | None


KEYS: Snapshot[Mapping[str, KeyRecord]] = Snapshot("keys", {})


def principal_of_key(key: str) -> Principal:
    """The caller of a key `prefix.secret`; Unauthorized for anything that is not one in force."""
    prefix, _, secret = key.partition(".")
    record = KEYS.value.get(prefix)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    known = hmac.compare_digest(digest, record.sha256 if record else "0" * 64)
    if record is None or not known:
        raise Unauthorized("This API key is not known, or it has been revoked.")
    if record.expires_at is not None and record.expires_at <= datetime.now(UTC):
        raise Unauthorized("This API key has expired.")
    return Principal(f"key:{prefix}", record.tenant, record.scopes)


@lru_cache(maxsize=256)
def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def identify(
    *, authorization: str | None, api_key: str | None, address: str, forwarded: bool
) -> Principal | None:
    """The caller behind these headers; None without a credential where one is needed.

    Without a key, a caller on this machine may read where `anonymous` is among AURUM_AUTH; a proxy
    on this machine speaks for callers elsewhere, so `forwarded` requests are not from here.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise Unauthorized("Only 'Authorization: Bearer <key>' is understood here.")
    key = token.strip() if scheme else api_key
    if key is not None:
        return principal_of_key(key)
    if "anonymous" in settings.AURUM_AUTH and not forwarded and is_loopback(address):
        return ANONYMOUS
    return None


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
