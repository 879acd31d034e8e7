"""API keys: issuing, revoking, and which of them are in force."""

import hashlib
import secrets
from collections.abc import Mapping

from django.utils import timezone

from aurum.identity import KEYS, KeyRecord
from ops.models import ApiKey


def issue(key: ApiKey) -> str:
    """Gives an unsaved key its secret and saves it; returns the whole key, kept nowhere."""
    secret = secrets.token_urlsafe(32)
    key.prefix = f"au_{secrets.token_hex(5)}"
    key.sha256 = hashlib.sha256(secret.encode()).hexdigest()
    key.save()
    KEYS.refresh()
    return f"{key.prefix}.{secret}"


def revoke(key: ApiKey) -> None:
    key.revoked_at = key.revoked_at or timezone.now()
    key.save(update_fields=["revoked_at"])
    KEYS.refresh()


def keys_in_force() -> Mapping[str, KeyRecord]:
    """Keys that are not revoked, by prefix; expiry is judged at each request."""
    found = ApiKey.objects.filter(revoked_at=None).values_list(
        "prefix", "sha256", "tenant__slug", "scopes", "expires_at"
    )
    return {
        prefix: KeyRecord(prefix, sha256, tenant, frozenset(scopes), expires_at)
        for prefix, sha256, tenant, scopes, expires_at in found
    }
