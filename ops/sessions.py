"""Sessions of Django's: whose one is, read without changing it."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    load_backend,
)
from django.utils.crypto import constant_time_compare

from aurum.identity import DEMO_TENANT, Principal
from ops.models import User

SCOPES = frozenset({"read"})
"""What everyone who is signed in may do; the API has nothing that needs more."""


def signed_in(key: str) -> Principal | None:
    """The person behind a session's key; None where it is unknown or over, the account is not
    active, or its password is another by now.

    Django's `get_user` decides alike, but gives a session a new key or ends it on the way, of which
    the browser would not hear.
    """
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    backend = session.get(BACKEND_SESSION_KEY)
    if backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user: Any = load_backend(backend).get_user(User._meta.pk.to_python(session.get(SESSION_KEY)))
    if user is None or not user.is_active:
        return None
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    kept = session.get(HASH_SESSION_KEY, "")
    if not any(constant_time_compare(kept, known) for known in hashes):
        return None
    tenant = user.tenant.slug if user.tenant_id else DEMO_TENANT
    return Principal(f"user:{user.get_username()}", tenant, SCOPES, by_session=True)
