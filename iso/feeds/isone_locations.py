"""ISO New England's locations, by id and by name."""

from functools import lru_cache

from aurum.market.calendars import calendar_of
from iso.feeds.locations import Location
from iso.feeds.wholeness import Sum

ISO = "ISONE"
ZONE = calendar_of(ISO).market_zone
TO_THE_CENT = Sum(within=0.005)
KINDS = {
    "HUB": "HUB",
    "HUB NODE": "NODE",
    "NETWORK NODE": "NODE",
    "LOAD ZONE": "ZONE",
    "EXT. NODE": "INTERFACE",
    "DRRAZ": "AGGREGATE",
    "SYSTEM": "SYSTEM",
}
NAMED = {
    ".H.INTERNAL_HUB": "4000",
    ".Z.MAINE": "4001",
    ".Z.NEWHAMPSHIRE": "4002",
    ".Z.VERMONT": "4003",
    ".Z.CONNECTICUT": "4004",
    ".Z.RHODEISLAND": "4005",
    ".Z.SEMASS": "4006",
    ".Z.WCMASS": "4007",
    ".Z.NEMASSBOST": "4008",
    ".I.SALBRYNB345 1": "4010",
    ".I.ROSETON 345 1": "4011",
    ".I.HQ_P1_P2345 5": "4012",
    ".I.HQHIGATE120 2": "4013",
    ".I.SHOREHAM138 99": "4014",
    ".I.NRTHPORT138 5": "4017",
}
"""The ids of the hub, the load zones and the external nodes, which the preliminary report names."""
KINDS_BY_NAME = {".H.": "HUB", ".Z.": "ZONE", ".I.": "INTERFACE"}


@lru_cache(maxsize=2**15)
def location_of(place: str, name: str, kind: str) -> Location:
    return Location(place.strip(), name.strip() or None, KINDS.get(kind.strip().upper(), "OTHER"))


def named_location(name: str) -> Location | None:
    """The place of this name; a price of one without a known id has no final one to give way to."""
    name = name.strip()
    place = NAMED.get(name.upper())
    return Location(place, name, KINDS_BY_NAME[name[:3].upper()]) if place else None
