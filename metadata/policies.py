"""How long answers of reference data are kept. All tenants see the same."""

from aurum.cache.policies import Policy

METADATA = Policy(
    namespace="metadata",
    ttl_seconds=3600,
    stale_seconds=300,
    error_seconds=86_400,
    negative_ttl_seconds=30,
    max_age_seconds=300,
    shared=True,
)

LOADS = Policy(
    namespace="loads",
    ttl_seconds=5,
    stale_seconds=0,
    error_seconds=60,
    negative_ttl_seconds=1,
    max_age_seconds=5,
    shared=True,
)
"""The log is no table of a store, so no watermark tells when it changes."""

POLICIES = (METADATA, LOADS)
