"""Who is calling: the principal, from an API key in memory or from where the request comes.

Who is signed in is another question, as a database has to be asked: see `aurum.server.sessions`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address

from django.conf import settings
from django.http.request import split_domain_port

from aurum.errors import Unauthorized
from aurum.polling import Polled

CALLER = "aurum.caller"
"""Where the gateway puts the Principal into the scope, or the Problem that says why not."""

CALLING: ContextVar[str] = ContextVar("calling", default="")
"""Who asks, by subject and address, in what is done for a request."""

DEMO_TENANT = "demo"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. `tenant` comes from the credential alone, never from a parameter or a header.

    `by_session`: known by a cookie, which a browser sends with whatever another site has it do.
    """

    subject: str
    tenant: str
    scopes: frozenset[str]
    by_session: bool = False

    is_authenticated = True  # what Django and DRF ask of a user


ANONYMOUS = Principal("anonymous", DEMO_TENANT, frozenset({"read"}))


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One usable API key as the ops database has it; the secret itself is kept nowhere."""

    prefix: str
    sha256: str
    tenant: str
    scopes: frozenset[str]
    expires_at: datetime | None


KEYS: Polled[Mapping[str, KeyRecord]] = Polled("keys", {})


def principal_of_key(key: str) -> Principal:
    """The caller of a key `prefix.secret`; Unauthorized unless the key is in force."""
    prefix, _, secret = key.partition(".")
    record = KEYS.value.get(prefix)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    known = hmac.compare_digest(digest, record.sha256 if record else "0" * 64)
    if record is None or not known:
        raise Unauthorized("This API key is not known, or it has been revoked.")
    if record.expires_at is not None and record.expires_at <= datetime.now(UTC):
        raise Unauthorized("This API key has expired.")
    return Principal(f"key:{prefix}", record.tenant, record.scopes)


PROXY_HEADERS = frozenset(
    {
        *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
        *("x-forwarded-port", "x-forwarded-server", "x-forwarded-prefix", "x-forwarded-scheme"),
        *(
            "x-original-forwarded-for",
            "x-original-host",
            "x-real-ip",
            "x-client-ip",
            "true-client-ip",
        ),
        *("x-cluster-client-ip", "cf-connecting-ip", "cf-ray", "cdn-loop", "fastly-client-ip"),
        *("fly-client-ip", "x-azure-clientip", "x-envoy-external-address", "x-appengine-user-ip"),
    }
)
"""What proxies and networks that deliver for others add to a request, in lower case."""


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether an address, or a host as in the header `Host`, is this machine by its own name."""
    name, _ = split_domain_port(host)
    if name == "localhost":
        return True
    try:
        return ip_address((name or host).strip("[]")).is_loopback
    except ValueError:
        return False


def identify(headers: Mapping[str, str], address: str) -> Principal:
    """The caller behind these headers, whose names are in lower case; else Unauthorized.

    Without a key, a caller on this machine may read where `anonymous` is among AURUM_AUTH. A proxy
    on this machine speaks for callers elsewhere: what it has added to the request, or that the
    request is for a name which others know this machine by, tells it from a local caller.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise Unauthorized("Only 'Authorization: Bearer <key>' is understood here.")
    key = token.strip() if scheme else headers.get("x-api-key")
    if key is not None:
        return principal_of_key(key)
    if (
        "anonymous" in settings.AURUM_AUTH
        and is_loopback(address)
        and is_loopback(headers.get("host", ""))
        and PROXY_HEADERS.isdisjoint(headers)
    ):
        return ANONYMOUS
    raise Unauthorized
