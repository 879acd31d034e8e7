"""How long answers about curves are kept. All tenants see the same curves."""

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

CURVES = _minutes(namespace="curves")
DIFF = _minutes(namespace="curves-diff")
STRIPS = _minutes(namespace="curve-strips")
CATALOGUE = _minutes(namespace="curve-catalogue")

COVERAGE = _minutes(namespace="curve-coverage")
"""From when to when there are valuation dates: asked of every curve, and the same until a load."""

POLICIES = (CURVES, DIFF, STRIPS, CATALOGUE, COVERAGE)
