"""The files of the ops database: it has sessions and hashes of passwords and keys."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3.base import DatabaseWrapper

PRIVATE = 0o600


def keep_private(connection: Any, **signal: Any) -> None:
    """Takes everybody else's rights away; sent for each new connection, so that an installation of
    an earlier release is mended by its next start.

    SQLite gives the files that it makes beside a database the mode of the database.
    """
    if not isinstance(connection, DatabaseWrapper) or connection.is_in_memory_db():
        return
    name = str(connection.settings_dict["NAME"])
    for file in (Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")):
        # One that is not there needs nothing, and one of another owner is not ours to change.
        with suppress(OSError):
            if file.stat().st_mode & 0o077:
                file.chmod(PRIVATE)
