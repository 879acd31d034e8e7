"""What makes a curve that curve: eight parts, and one key made of them."""

import hashlib
from collections.abc import Mapping

from curves.tables import IDENTITY

REGIONS = {
    **dict.fromkeys(("PJM", "MISO", "SPP", "ERCOT", "NYISO", "ISONE", "CAISO"), "US"),
    **dict.fromkeys(("IESO", "AESO"), "CA"),
    **dict.fromkeys(("NBP", "TTF", "EUA", "CEGH", "PEG", "UKA", "EU"), "EU"),
    "AP": "APAC",
}

Parts = Mapping[str, str | None]


def curve_key(parts: Parts) -> str:
    """SHA-256 of the eight parts in their order, trimmed, lower-cased, joined by `|`."""
    cleaned = (" ".join((parts.get(name) or "").split()).lower() for name in IDENTITY)
    return hashlib.sha256("|".join(cleaned).encode()).hexdigest()


def region_of(iso: str | None) -> str | None:
    """The region a market operator or hub lies in, None where it is not known."""
    return REGIONS.get(iso.upper()) if iso else None
