"""What is counted of the cache."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stats:
    """Of one namespace. Each look-up counts once, as hit, stale, miss, shared or bypass.

    `stale_errors` are those of misses and shared that got the expired value for an answer,
    `errors` are loads that failed, without those of a bypass, `negative` those of the stores that
    said there is nothing. `entries` and `bytes` are what is held: expired and purged entries are in
    them until they are next looked up or make room as the least recently used.
    """

    hits: int = 0
    stale: int = 0
    misses: int = 0
    shared: int = 0
    bypassed: int = 0
    stale_errors: int = 0
    errors: int = 0
    stores: int = 0
    negative: int = 0
    evictions: int = 0
    entries: int = 0
    bytes: int = 0
