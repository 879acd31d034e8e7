"""Made-up prices in Aurum's own CSV."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

HEADER = "iso,market,location_id,interval_start,interval_minutes,price_total,location_name"


def hours(
    start: str,
    count: int,
    price: Callable[[int], float] = float,
    *,
    series: str = "PJM:DAY_AHEAD:1",
    minutes: int = 60,
    leave_out: Iterable[int] = (),
) -> list[str]:
    """`count` intervals from a UTC instant on; the n-th costs `price(n)`."""
    first, skipped = datetime.fromisoformat(start), set(leave_out)
    iso, market, place = series.split(":")
    return [
        f"{iso},{market},{place},{first + timedelta(minutes=minutes * n):%Y-%m-%dT%H:%M:%SZ},"
        f"{minutes},{price(n)},{place} name"
        for n in range(count)
        if n not in skipped
    ]


def lmp(*rows: Iterable[str]) -> str:
    return "\n".join((HEADER, *(line for some in rows for line in some))) + "\n"
