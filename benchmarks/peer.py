"""The peers: FastAPI over the very tables, rows and fields that Aurum answers with.

`/empty` nothing; `/pydantic` and `/orjson` a page of observations of one curve, through
`response_model` and as bytes; `/cached` stored bytes from Redis with an ETag.
"""

import hashlib
import os
import sqlite3
from datetime import date
from typing import Any

import asyncpg
import orjson
import redis.asyncio
from fastapi import FastAPI, Header, Response
from pydantic import BaseModel

COLUMNS = "curve_key,asof_date,tenor_label,tenor_type,contract_month,price_type,mid,bid,ask,unit"
DSN, FILE = os.environ.get("PEER_DSN"), os.environ.get("PEER_FILE")
PAGE = (
    f"SELECT {COLUMNS} FROM curve_observation WHERE curve_key = {{0}} AND load_id <= {{1}}"
    " AND superseded_by > {1} ORDER BY curve_key, asof_date, tenor_label, price_type LIMIT {2}"
)

application = FastAPI()
state: dict[str, Any] = {}


class Observation(BaseModel):
    curve_key: str
    asof_date: date
    tenor_label: str
    tenor_type: str
    contract_month: date | None
    price_type: str
    mid: float | None
    bid: float | None
    ask: float | None
    unit: str | None


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


@application.get("/pydantic", response_model=list[Observation])
async def pydantic_page(curve_key: str, limit: int) -> Any:
    return await rows(curve_key, limit)


@application.get("/orjson")
async def orjson_page(curve_key: str, limit: int) -> Response:
    body = orjson.dumps({"data": await rows(curve_key, limit)})
    return Response(body, media_type="application/json")


@application.get("/cached")
async def cached(curve_key: str, limit: int, if_none_match: str | None = Header(None)) -> Response:
    if "redis" not in state:
        state["redis"] = redis.asyncio.from_url(os.environ["PEER_REDIS"])
    key = f"{curve_key}:{limit}"
    body = await state["redis"].get(key)
    if body is None:
        body = orjson.dumps({"data": await rows(curve_key, limit)})
        await state["redis"].set(key, body, ex=3600)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if if_none_match == tag:
        return Response(status_code=304, headers={"etag": tag})
    return Response(body, media_type="application/json", headers={"etag": tag})
