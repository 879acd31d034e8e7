"""The methods: one for each route, and how their arguments are written."""

import inspect
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest
from aurum_client import ApiError, Client, Rows, routes
from aurum_client.parameters import path_of, query_of
from conftest import DAYS, NODES

ROOT = Path(__file__).parents[3]
DOCUMENT = json.loads((ROOT / "aurum/openapi/v2.json").read_text())
NOT_OFFERED = {"format", "shape", "cursor", "timestamps", "end_record", "plot"}
OPERATIONS = {path: one["get"] for path, one in DOCUMENT["paths"].items() if "get" in one}


def method_of(client: Client, operation: dict[str, Any]) -> Any:
    group = operation["tags"][0]
    name = operation["operationId"].removeprefix("get_v2_").removeprefix(group).lstrip("_")
    return getattr(getattr(client, group), name or "list")


@pytest.mark.parametrize("path", OPERATIONS)
def test_each_route_has_a_method_that_the_server_answers(client: Client, path: str) -> None:
    operation = OPERATIONS[path]
    method, given = method_of(client, operation), operation["parameters"]
    taken = inspect.signature(method).parameters
    assert set(taken) == {one["name"] for one in given} - NOT_OFFERED
    assert f"GET {path}" in method.__doc__
    assert all(f"{name}:" in method.__doc__ for name in taken)
    if "{" in path:
        return
    needed = {one["name"]: one["example"] for one in given if one.get("required")}
    found = method(**needed, **{"limit": 1} if "limit" in taken else {})
    assert isinstance(found, Rows)
    # The examples are of other data, and of some parameters one or the other is needed.
    assert "no such parameter" not in (told_of(found) or "")


def told_of(query: Rows) -> str | None:
    """What is wrong with the values of a query; None where it is answered."""
    try:
        query.to_arrow()
    except ApiError as refused:
        if refused.status == 400:
            return str(refused)
        raise
    return None


def test_what_is_computed_of_two_is_a_list_as_any_other(client: Client) -> None:
    a, b = DAYS[0], DAYS[-1]
    moved = client.curves.diff(asof_date_a=a, asof_date_b=b).to_pandas()
    assert set(moved["change"].round(6)) == {round((len(DAYS) - 1) / 8, 6)}
    spread = client.iso.spreads(
        leg_a=f"PJM:DAY_AHEAD:{NODES[1]}", leg_b=f"PJM:REAL_TIME:{NODES[1]}", start="2024-11-03",
        end="2024-11-04", resample="day",
    )  # fmt: skip
    assert [row["delivery_date"] for row in spread] == [date(2024, 11, 3)]


def test_a_word_of_a_few_is_typed_as_one_of_them() -> None:
    assert Literal["beginning", "ending"] == routes.Label
    noted = inspect.signature(Client().iso.lmp).parameters["label"].annotation
    assert noted == routes.Label | None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("PJM,ERCOT", "PJM,ERCOT"),
        (["PJM", "ERCOT"], "PJM,ERCOT"),
        (("Hub, north", "West"), '"Hub, north",West'),
        (['The "old" hub'], '"The ""old"" hub"'),
        (pd.Series(["a", "b"]), "a,b"),
        (date(2025, 9, 30), "2025-09-30"),
        (datetime(2025, 9, 30), "2025-09-30"),  # noqa: DTZ001 - as data frames have days
        (datetime(2025, 9, 30, 14), "2025-09-30T14:00:00"),  # noqa: DTZ001 - a wall time
        (datetime(2025, 9, 30, tzinfo=UTC), "2025-09-30T00:00:00+00:00"),
        (pd.Timestamp("2025-09-30"), "2025-09-30"),
        (pd.Timestamp("2025-09-30T14:00", tz="US/Eastern"), "2025-09-30T14:00:00-04:00"),
        (7.5, "7.5"),
        (pd.Series([7])[0], "7"),
        (pd.Series([7.5])[0], "7.5"),
        (True, "true"),
    ],
)
def test_a_value_is_written_as_the_server_reads_it(value: Any, text: str) -> None:
    assert query_of({"name": value, "absent": None}) == [("name", text)]


def test_a_choice_of_nothing_is_not_a_choice_of_all(client: Client) -> None:
    with pytest.raises(ValueError, match="iso: an empty list"):
        client.curves.list(iso=[])
    with pytest.raises(TypeError, match="iso: a dict"):
        client.curves.list(iso={"PJM": 1})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_key_that_would_be_another_path_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="curve_key"):
        path_of("/v2/curves/{curve_key}", curve_key=value)
    assert path_of("/v2/curves/{curve_key}", curve_key="a/b?c") == "/v2/curves/a%2Fb%3Fc"


def test_days_of_a_frame_are_days_of_a_query(client: Client) -> None:
    days = pd.bdate_range(DAYS[0], periods=3)
    found = [client.curves.observations(asof_date=day).to_pandas() for day in days]
    assert [set(frame["asof_date"]) for frame in found] == [{day} for day in days]


def test_an_instant_is_a_state_of_the_data(client: Client) -> None:
    assert client.curves.list(known_at=datetime.now(UTC)).first()
    assert client.curves.list(known_at=datetime(2001, 1, 1, tzinfo=UTC)).first() is None
