"""A page of one curve, whose key is not read for each of its rows."""

from typing import Any

import pytest

from curves.results import OBSERVATIONS
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import PJM_WEST_KEY, curve_csv

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

PATH = "/v2/curves/observations"
ONE = f"{PATH}?asof_date=all&curve_key={PJM_WEST_KEY}"
MANY = f"{PATH}?asof_date=all&iso=PJM"
"""The same curve, among others for all that the question says."""


@pytest.fixture
def _prices(market: Market) -> None:
    days = ("2025-09-29", "2025-09-30", "2025-10-01")
    rows: list[dict[str, Any]] = [
        {"asof_date": day, "contract_month": month, "mid": n}
        for day in days
        for n, month in enumerate(("2025-11", "2025-12"))
    ]
    market.load("curves.csv", curve_csv([*rows, {**rows[0], "iso": "MISO"}]))


@pytest.mark.parametrize(
    "fields",
    [
        *("curve_key", "mid", "curve_key,mid", "mid,curve_key", "asof_date,curve_key,unit"),
        ",".join(OBSERVATIONS.default_columns),
        ",".join(OBSERVATIONS.column_names),
        ",".join(reversed(OBSERVATIONS.column_names)),
    ],
)
@pytest.mark.usefixtures("_prices")
def test_its_rows_are_those_of_a_page_of_many(api: Api, fields: str) -> None:
    forms = ("format=json", "shape=columns", "format=csv", "format=ndjson")
    for form in forms:
        one, many = (api.get(f"{path}&fields={fields}&{form}") for path in (ONE, MANY))
        assert one.status_code == many.status_code == 200
        if "ndjson" in form or "csv" in form:
            assert one.content == many.content
        else:
            one, many = one.json(), many.json()
            assert one["data"] == many["data"] != []
            assert one["meta"] == many["meta"]


@pytest.mark.parametrize("fields", ["curve_key,mid", "mid", "mid,curve_key"])
@pytest.mark.usefixtures("_prices")
def test_its_cursors_lead_forth_and_back(api: Api, fields: str) -> None:
    whole = api.rows(f"{ONE}&fields={fields}")
    assert len(whole) == 6
    first = api.get(f"{ONE}&fields={fields}&limit=4").json()
    second = api.get(first["links"]["next"]).json()
    assert first["data"] + second["data"] == whole
    assert second["links"]["next"] is None
    assert api.get(second["links"]["prev"]).json()["data"] == first["data"]


@pytest.mark.parametrize("shape", ["rows", "columns"])
@pytest.mark.usefixtures("_prices")
def test_without_rows_it_is_empty(api: Api, shape: str) -> None:
    one, many = (
        api.get(f"{path}&tenor_label=1999-01&shape={shape}").json()["data"] for path in (ONE, MANY)
    )
    assert one == many
