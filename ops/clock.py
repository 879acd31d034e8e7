"""The one clock that loads are published by: that of the ops database.

What `known_at` answers of a settled moment never changes, so no load may be published into the
past; and an instant in the future could not be asked for.
"""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from aurum.loads.log import LoadRefused
from aurum.snapshot import SETTLED
from ops.models import CacheReport

TICK = timedelta(microseconds=1)
"""The finest step of an instant every database keeps."""

TOLERANCE = timedelta(seconds=1)
"""By how much clocks may differ without a word."""


def database_now() -> datetime:
    """The server's clock; SQLite has none but that of this machine."""
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now.astimezone(UTC)


def clock_warnings() -> list[str]:
    ahead = timezone.now() - database_now()
    if abs(ahead) <= TOLERANCE:
        return []
    differs = f"{abs(ahead).total_seconds():.1f} s {'ahead of' if ahead > TICK else 'behind'}"
    return [f"this machine's clock is {differs} the database's, by which loads are published"]


def publish_instant(newest: datetime | None) -> datetime:
    """The database's time, and later than the `newest` instant of the tables; LoadRefused where
    either could not be."""
    now = database_now()
    _must_not_lag_behind_servers(now)
    if newest is None or newest < now:
        return now
    if newest - now > TOLERANCE:
        raise LoadRefused(
            f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC, and a load of these tables was published"
            f" at {newest:%Y-%m-%d %H:%M:%S}: nothing is published into the past or the future; set"
            " the clock right, or load again when it has passed that moment"
        )
    time.sleep((newest + TICK - now).total_seconds())
    return newest + TICK


def _must_not_lag_behind_servers(now: datetime) -> None:
    """Every server reports each few seconds; what they take for settled must be the past."""
    newest = CacheReport.objects.aggregate(at=Max("at"))["at"]
    if newest is not None and newest - now > SETTLED:
        raise LoadRefused(
            f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC, and a server's said"
            f" {newest:%Y-%m-%d %H:%M:%S}: nothing is published into a past that may have been"
            " answered for; set the clocks right"
        )
