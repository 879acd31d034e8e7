"""How long answers about prices are kept. All tenants see the same prices."""

from functools import partial

from aurum.cache.policies import Policy

_minutes = partial(
    Policy,
    ttl_seconds=300,
    stale_seconds=60,
    error_seconds=3600,
    negative_ttl_seconds=30,
    shared=True,
)

PRICES = _minutes(namespace="iso-prices")
LOCATIONS = _minutes(namespace="iso-locations")
COVERAGE = _minutes(namespace="iso-coverage")
"""From when to when each market is priced: asked of every series, and the same until a load."""

POLICIES = (PRICES, LOCATIONS, COVERAGE)
