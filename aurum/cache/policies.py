"""How long an answer is good for, and what may be done with it after that."""

import re
from dataclasses import dataclass, fields
from functools import partial

_NAMESPACE = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds for all entries of a namespace.

    `ttl_seconds=0` switches the namespace off: every look-up goes to the store. The two windows
    begin when an entry expires: for `stale_seconds` it is still served while one load renews it,
    for `error_seconds` it is served when that load fails. A negative answer, one that says there
    is nothing, lives for `negative_ttl_seconds` and has no windows, so that new data is seen soon;
    0 keeps no negative answer. `shared` says that every tenant sees the same.
    `max_age_seconds` is for how long callers and proxies are told that they may keep an answer; 0
    is not at all.
    """

    namespace: str
    ttl_seconds: int
    stale_seconds: int
    error_seconds: int
    negative_ttl_seconds: int
    max_age_seconds: int = 0
    shared: bool = False

    def __post_init__(self) -> None:
        if not _NAMESPACE.fullmatch(self.namespace):
            raise ValueError(f"{self.namespace!r} is no namespace: it must match [a-z][a-z0-9_-]*")
        for name in (field.name for field in fields(self) if field.name.endswith("_seconds")):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} of {self.namespace!r} must not be negative")


loaded_data = partial(
    Policy,
    ttl_seconds=300,
    stale_seconds=60,
    error_seconds=3600,
    negative_ttl_seconds=30,
    max_age_seconds=120,
    shared=True,
)
"""A policy, by its namespace, for what every tenant sees and only a load changes."""
