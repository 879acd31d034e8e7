"""How HTTP is told what the cache did."""

import pytest

from aurum.api.caching import cache_status
from aurum.cache.result import CacheResult, Status


@pytest.mark.parametrize(
    ("status", "ttl", "stored", "told"),
    [
        ("hit", 37.9, True, "aurum; hit; ttl=37"),
        ("stale", -11.2, True, "aurum; hit; ttl=-12; detail=stale-while-revalidate"),
        ("miss", 300.0, True, "aurum; fwd=miss; stored"),
        ("miss", 0.0, False, "aurum; fwd=miss"),
        ("shared", 300.0, True, "aurum; fwd=miss; stored; collapsed"),
        ("shared", 0.0, False, "aurum; fwd=miss; collapsed"),
        ("stale-error", -40.0, True, "aurum; fwd=stale; ttl=-40; detail=stale-if-error"),
        ("bypass", 0.0, False, "aurum; fwd=bypass"),
    ],
)
def test_cache_status_is_that_of_rfc_9211(
    status: Status, ttl: float, stored: bool, told: str
) -> None:
    assert cache_status(CacheResult(b"", status, ttl, stored)) == told
