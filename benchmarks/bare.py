"""The least there is to a page: the query and the encoding of its rows, nothing around them.

Called N times from a thread of execution that callgrind counts alone; see `instructions.py`.
"""

import os
import sqlite3
import sys

import msgspec

COLUMNS = ("curve_key", "asof_date", "tenor_label", "tenor_type", "contract_month", "price_type",
           "mid", "bid", "ask", "unit")  # fmt: skip
PAGE = (
    f"SELECT {','.join(COLUMNS)} FROM curve_observation WHERE curve_key = {{0}}"
    " AND load_id <= {1} AND superseded_by > {1}"
    " ORDER BY curve_key, asof_date, tenor_label, price_type LIMIT {2}"
)
TEXT = (
    "curve_key",
    "asof_date",
    "tenor_label",
    "tenor_type",
    "contract_month",
    "price_type",
    "unit",
)
Row = msgspec.defstruct(
    "Row", [(n, str | None if n in TEXT else float | None) for n in COLUMNS], gc=False
)
encode = msgspec.json.Encoder().encode


def main(times: int, curve_key: str, limit: int) -> None:
    if dsn := os.environ.get("PEER_DSN"):
        import psycopg
        from psycopg.types.string import TextLoader

        database = psycopg.connect(dsn, autocommit=True)
        database.adapters.register_loader("date", TextLoader)
        text = PAGE.format("%s", "%s", "%s")
        values: tuple[object, ...] = (curve_key, 2**40, 2**40, limit)
    else:
        database = sqlite3.connect(f"file:{os.environ['PEER_FILE']}?mode=ro", uri=True)
        text = PAGE.format("?1", "?2", "?3")
        values = (curve_key, 2**40, limit)
    for _ in range(times):
        rows = database.execute(text, values).fetchall()
        encode([Row(*row) for row in rows])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
