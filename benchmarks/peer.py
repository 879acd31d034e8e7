"""The peer: FastAPI with orjson over the very tables, rows and fields that Aurum answers with."""

import os
import sqlite3
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Response

from benchmarks.questions import CURVE_FIELDS

DSN, FILE = os.environ.get("PEER_DSN"), os.environ.get("PEER_FILE")
PAGE = (
    f"SELECT {CURVE_FIELDS} FROM curve_observation WHERE curve_key = {{0}} AND load_id <= {{1}}"
    " AND superseded_by > {1} ORDER BY curve_key, asof_date, tenor_label, price_type LIMIT {2}"
)

application = FastAPI()
state: dict[str, Any] = {}


async def rows(curve_key: str, limit: int) -> list[dict[str, Any]]:
    if DSN:
        if "pool" not in state:
            state["pool"] = await asyncpg.create_pool(DSN, min_size=1, max_size=4)
        found = await state["pool"].fetch(PAGE.format("$1", "$2", "$3"), curve_key, 2**40, limit)
        return [dict(row) for row in found]
    if "file" not in state:
        state["file"] = sqlite3.connect(f"file:{FILE}?mode=ro", uri=True)
        state["file"].row_factory = sqlite3.Row
    found = state["file"].execute(PAGE.format("?1", "?2", "?3"), (curve_key, 2**40, limit))
    return [dict(row) for row in found]


@application.get("/empty")
async def empty() -> dict[str, Any]:
    return {}


@application.get("/orjson")
async def orjson_page(curve_key: str, limit: int) -> Response:
    body = orjson.dumps({"data": await rows(curve_key, limit)})
    return Response(body, media_type="application/json")
