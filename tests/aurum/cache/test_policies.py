"""What a policy may say."""

import dataclasses
from typing import Any

import pytest

from aurum.cache.policies import Policy

FINE: dict[str, Any] = {
    "namespace": "iso-lmp",
    "ttl_seconds": 60,
    "stale_seconds": 0,
    "error_seconds": 180,
    "max_age_seconds": 120,
    "negative_ttl_seconds": 0,
    "shared": True,
}


def test_it_says_what_it_was_told() -> None:
    assert dataclasses.asdict(Policy(**FINE)) == FINE


@pytest.mark.parametrize("namespace", ["", "Curves", "iso lmp", "9", "a:b", "curves\n"])
def test_a_namespace_is_a_lower_case_word(namespace: str) -> None:
    with pytest.raises(ValueError, match="is no namespace"):
        Policy(**FINE | {"namespace": namespace})


@pytest.mark.parametrize(
    "field", ["ttl_seconds", "stale_seconds", "error_seconds", "negative_ttl_seconds"]
)
def test_no_time_is_negative(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field} of 'iso-lmp'"):
        Policy(**FINE | {field: -1})
