"""Blocks, markets and operators of curves by the names that the trade has for them."""

import pytest

from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import curve_csv

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

CURVES = (
    ("PJM", "DA", "ON_PEAK"), ("PJM", "DAY_AHEAD", "5x16"), ("PJM", "Real-Time", "Off-Peak"),
    ("PJM", "DA", "2X16H"), ("PJM", "DA", "ATC"), ("PJM", "NYMEX", "Super Peak"),
    ("CAISO", "DA", "ON_PEAK"), ("CAISO", "DA", "6X16"), ("CAISO", "DA", "5X16"),
    ("ISO-NE", "DA", "peak"), ("", "DA", "Base"), ("", "DA", ""), ("TTF", "DA", "PEAK"),
)  # fmt: skip


@pytest.fixture
def curves(market: Market) -> None:
    rows = [
        {"iso": iso, "market": name, "block": block, "contract_month": "2026-01", "mid": 1}
        for iso, name, block in CURVES
    ]
    market.load("curves.csv", curve_csv(rows))


def found(api: Api, query: str) -> set[tuple[str, str | None]]:
    return {(row["iso"] or "", row["block"]) for row in api.rows(f"/v2/curves?{query}")}


PJM_PEAK = {("PJM", "ON_PEAK"), ("PJM", "5x16")}
CAISO_PEAK = {("CAISO", "ON_PEAK"), ("CAISO", "6X16")}
OTHER_PEAKS = {("ISONE", "peak"), ("TTF", "PEAK")}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # By the hours in each operator's calendar; where there is none, by the name.
        ("block=ON_PEAK", PJM_PEAK | CAISO_PEAK | OTHER_PEAKS),
        ("block=peak", PJM_PEAK | CAISO_PEAK | OTHER_PEAKS),
        ("block=5x16", PJM_PEAK | {("CAISO", "5X16"), ("ISONE", "peak")}),
        ("block=6x16", CAISO_PEAK),
        ("block=wrap", {("PJM", "Off-Peak")}),
        ("block=2x16", {("PJM", "2X16H")}),
        ("block=7x24", {("PJM", "ATC"), ("", "Base")}),
        ("block=Super Peak", {("PJM", "Super Peak")}),
        ("block=super-peak,wrap", {("PJM", "Super Peak"), ("PJM", "Off-Peak")}),
        ("block=5x16&iso=CAISO", {("CAISO", "5X16")}),
        ("iso=iso-ne", {("ISONE", "peak")}),
        ("iso=NEPOOL", {("ISONE", "peak")}),
        ("market=RT", {("PJM", "Off-Peak")}),
        ("market=day-ahead&iso=PJM", PJM_PEAK | {("PJM", "2X16H"), ("PJM", "ATC")}),
        ("market=nymex", {("PJM", "Super Peak")}),
        ("block=7x4", set()),
        ("market=weekly", set()),
    ],
)
@pytest.mark.usefixtures("curves")
def test_any_spelling_of_a_name_is_understood(
    api: Api, query: str, expected: set[tuple[str, str]]
) -> None:
    assert found(api, query) == expected


@pytest.mark.usefixtures("curves")
def test_every_route_understands_them(api: Api) -> None:
    asked = "iso=PJM&market=DA&block=on-peak"
    for path in (
        f"/v1/curves?{asked}",
        f"/v1/curves?{asked}&asof=2025-09-12",
        f"/v2/curves/observations?{asked}",
        f"/v2/curves/observations?{asked}&asof_date=all",
        f"/v2/curves/strips?{asked}&months=2026-01",
        f"/v2/curves/diff?{asked}&asof_date_a=2025-09-11&asof_date_b=2025-09-12",
    ):
        assert len(api.rows(path)) == 2, path
    export = api.get(f"/v2/curves/observations?format=ndjson&{asked}").text.splitlines()
    assert len(export) == 2


@pytest.mark.usefixtures("curves")
def test_what_is_not_understood_is_suggested_and_what_is_understood_is_not(api: Api) -> None:
    meta = api.get("/v2/curves?block=Supper Peak").json()["meta"]
    assert meta["did_you_mean"]["block"][0] == "Super Peak"
    meta = api.get("/v2/curves?block=on-peak&market=day-ahead&location=Wset").json()["meta"]
    assert set(meta["did_you_mean"]) == {"location"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("location=western hub", {"Western Hub", "WESTERN HUB"}),
        ("location=WESTERN HUB,brent", {"Western Hub", "WESTERN HUB", "Brent"}),
        ("location=western hub&product=ENERGY", {"Western Hub"}),
        ("asset_class=POWER&region=us", {"Western Hub", "WESTERN HUB"}),
        ("spark_location=HENRY HUB", {"WESTERN HUB"}),
        ("location=western", set()),
    ],
)
def test_names_are_understood_in_any_case(
    market: Market, api: Api, query: str, expected: set[str]
) -> None:
    power = {"asset_class": "power", "region": "US", "contract_month": "2026-01", "mid": 1}
    rows = [
        {**power, "location": "Western Hub", "product": "energy"},
        {**power, "location": "WESTERN HUB", "product": "FTR", "spark_location": "Henry Hub"},
        {**power, "location": "Brent", "asset_class": "Oil", "region": "EU"},
    ]
    market.load("curves.csv", curve_csv(rows))
    for version in ("v1", "v2"):
        path = f"/{version}/curves{'/observations' if version == 'v2' else ''}?{query}"
        if version == "v1" and ("," in query or "region" in query or "spark" in query):
            continue
        keys = {row["curve_key"] for row in api.rows(path)}
        known = {row["curve_key"]: row["location"] for row in api.rows("/v2/curves")}
        assert {known[key] for key in keys} == expected, path


def test_a_name_that_none_has_is_told_from_one_in_another_case(market: Market, api: Api) -> None:
    row = {"location": "Western Hub", "product": "energy", "contract_month": "2026-01", "mid": 1}
    market.load("curves.csv", curve_csv([row]))
    meta = api.get("/v2/curves?location=WESTERN HUB&product=enrgy").json()["meta"]
    assert meta["did_you_mean"] == {"product": ["energy"]}
    meta = api.get("/v2/curves?location=western hbu").json()["meta"]
    assert (meta["reason"], meta["did_you_mean"]) == ("no_match", {"location": ["Western Hub"]})
    answer = api.get("/v2/curves/observations?location=western HUB&asof_date=1999-01-01").json()
    assert answer["meta"]["reason"] == "outside_coverage"
