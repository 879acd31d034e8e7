"""Places, as files name them."""

from typing import NamedTuple

from aurum.loads.cells import InvalidRow, is_name


class Location(NamedTuple):
    """What a file says of a location."""

    location_id: str
    name: str | None = None
    kind: str | None = None
    zone: str | None = None
    hub: str | None = None


def digits_of(number: str) -> str:
    """A number that is an id, as it is written without zeros before it: 061752 is 61752."""
    return number.lstrip("0") or number[-1:]


def must_be_askable(location: Location) -> None:
    """InvalidRow for a location that no query could name."""
    if not all(map(is_name, (location.location_id, location.name, location.zone, location.hub))):
        raise InvalidRow("invalid_location")
