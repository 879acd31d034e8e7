"""Why a file could not be loaded, in the words of whoever has to do something about it."""

import errno
from collections.abc import Iterator

import django.db

from aurum.errors import StoreUnavailable

WHERE: dict[str, tuple[type[BaseException], ...]] = {
    "the ops database": (django.db.Error,),
    "the data store": (StoreUnavailable,),
}
GONE = (django.db.OperationalError, django.db.InterfaceError, StoreUnavailable)
FULL, LOCKED, NOT_ALLOWED = "full", "locked", "not allowed"

SQLITE = {
    "SQLITE_FULL": FULL,
    # What SQLite says where the memory it shares beside the file cannot grow.
    "SQLITE_IOERR_SHMSIZE": FULL,
    "SQLITE_BUSY": LOCKED,
    "SQLITE_LOCKED": LOCKED,
    "SQLITE_READONLY": NOT_ALLOWED,
    "SQLITE_PERM": NOT_ALLOWED,
    "SQLITE_CANTOPEN": NOT_ALLOWED,
}
POSTGRES = {"53100": FULL, "55P03": LOCKED, "42501": NOT_ALLOWED, "25006": NOT_ALLOWED}
SYSTEM = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.EROFS: NOT_ALLOWED,
}


def what_failed(error: BaseException) -> str | None:
    """What an error of a database or of the disk means; None for any other."""
    chain = list(_chain(error))
    kind = next(filter(None, map(_kind, chain)), None)
    where = next((name for name, kinds in WHERE.items() if _any(chain, kinds)), None)
    if kind == FULL:
        place = f" of {where}" if where else ""
        return f"the disk{place} is full: make room and load the file again"
    if where is None or (kind is None and not _any(chain, GONE)):
        return None
    if kind == LOCKED:
        return f"{where} is locked by other work: load the file again"
    verb = "may not be written" if kind == NOT_ALLOWED else "cannot be used"
    # What the driver itself says, in one line.
    return f"{where} {verb}: {' '.join(str(chain[-1]).split()) or type(chain[-1]).__name__}"


def _any(chain: list[BaseException], kinds: tuple[type[BaseException], ...]) -> bool:
    return any(isinstance(one, kinds) for one in chain)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from, the nearest first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _kind(error: BaseException) -> str | None:
    """Known by the drivers' own codes, whichever driver it is."""
    name = getattr(error, "sqlite_errorname", None) or ""
    by_name = SQLITE.get(name) or SQLITE.get("_".join(name.split("_")[:2]))
    number = error.errno if isinstance(error, OSError) else None
    return (
        by_name or POSTGRES.get(getattr(error, "sqlstate", None) or "") or SYSTEM.get(number or 0)
    )
