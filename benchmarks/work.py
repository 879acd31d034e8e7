"""What is done in a process of its own, one JSON line in, one out; see `processes.Worker`.

The least there is to a page, the query and the encoding of its rows; the least there is to a load,
executemany or COPY of its rows; and a load of Aurum's whose start is not counted.
"""

import io
import json
import os
import pickle
import sqlite3
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec

DSN, FILE = os.environ.get("PEER_DSN"), os.environ.get("PEER_FILE")
encode = msgspec.json.Encoder().encode
kept: dict[str, Any] = {}

LOADED = (
    "k TEXT, d {date}, s {instant}, e {instant}, m INTEGER, hb INTEGER, he INTEGER, o INTEGER,"
    " bh INTEGER, p INTEGER, t {real}, en {real}, c {real}, l {real}, g {real}, st TEXT,"
    " v INTEGER, vi {instant}, PRIMARY KEY (k, d, s)"
)


def database() -> Any:
    if "database" not in kept:
        if DSN:
            import psycopg
            from psycopg.types.string import TextLoader

            kept["database"] = psycopg.connect(DSN, autocommit=True)
            kept["database"].adapters.register_loader("date", TextLoader)
        else:
            kept["database"] = sqlite3.connect(f"file:{FILE}?mode=ro", uri=True)
    return kept["database"]


def struct(names: tuple[str, ...], row: Any) -> Any:
    if names not in kept:
        types = [
            (n, float | None if isinstance(v, float) else Any)
            for n, v in zip(names, row, strict=True)
        ]
        kept[names] = msgspec.defstruct("Row", types, gc=False)  # type: ignore[index]
    return kept[names]  # type: ignore[index]


def body(sql: str, key: str, *, as_objects: bool) -> bytes:
    found = database().execute(sql.replace("?", "%s") if DSN else sql, (key,))
    rows = found.fetchall()
    if not as_objects:
        return encode(rows)
    row = struct(tuple(column[0] for column in found.description), rows[0])
    return encode([row(*values) for values in rows])


def page(sql: str, key: str, *, as_objects: bool) -> list[Any]:
    """The rows of one page."""
    return list(json.loads(body(sql, key, as_objects=as_objects)))


def pages(sql: str, keys: list[str], times: int, *, as_objects: bool) -> int:
    """Reads and encodes so many pages, of each key in turn; the bytes of the last."""
    for key in islice(cycle(keys), times):
        last = body(sql, key, as_objects=as_objects)
    return len(last)


def keep(file: str) -> int:
    """Reads rows that are to be written, so that this is not part of writing them; how many."""
    if file not in kept:
        kept[file] = pickle.loads(Path(file).read_bytes())
    return len(kept[file])


def write(file: str) -> int:
    """The rows of a file, as a load keeps them, into a table with the same key; how many."""
    keep(file)
    rows = kept[file]
    marks = ",".join("?" * len(rows[0]))
    if DSN:
        types = {"date": "DATE", "instant": "TIMESTAMPTZ", "real": "DOUBLE PRECISION"}
        with database().transaction(), database().cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE bare ({LOADED.format(**types)}) ON COMMIT DROP")
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        return len(rows)
    types = {"date": "TEXT", "instant": "TEXT", "real": "REAL"}
    target = Path(f"{file}.sqlite3")
    into = sqlite3.connect(target)
    into.execute(f"CREATE TABLE bare ({LOADED.format(**types)}) WITHOUT ROWID")
    into.executemany(f"INSERT INTO bare VALUES ({marks})", rows)
    into.commit()
    into.close()
    target.unlink()
    return len(rows)


def aurum() -> None:
    if "aurum" not in kept:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "aurum.settings"
        django.setup()
        kept["aurum"] = True


def lists() -> list[str]:
    """A question to every route that has a limit: its example, with a longer page."""
    aurum()
    from aurum.domains import domains

    routes = [route for domain in domains() for each in domain.routes.values() for route in each]
    asked = [f"{route.example_path}?{route.example}" for route in routes]
    return [path.replace("limit=2", "limit=100") for path in asked if "limit=2" in path]


def load(feed: str, file: str) -> int:
    """`manage.py load` in this process; how many rows it brought."""
    aurum()
    from django.core.management import call_command

    said = io.StringIO()
    call_command("load", feed, file, json=True, stdout=said)
    return int(json.loads(said.getvalue())["new"])


def main() -> None:
    orders = {function.__name__: function for function in (page, pages, keep, write, load, lists)}
    for line in sys.stdin:
        name, values, options = json.loads(line)
        answer = orders[name](*values, **options)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
