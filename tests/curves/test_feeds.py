"""What the feeds of curves read, set aside and refuse."""

import io
import json
from typing import Any

import pytest

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch
from aurum.loads.reading import ROWS_AT_ONCE
from curves.calculations.identity import curve_key, region_of
from curves.feeds import nymex, own_csv
from curves.tables import CURVE, CURVE_OBSERVATION
from tests.factories import PJM_WEST, PJM_WEST_KEY, curve_csv
from tests.factories import nymex as snapshot


def read(feed: Any, text: str | bytes) -> list[Batch]:
    return list(feed.read(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def rows(batches: list[Batch]) -> list[dict[str, Any]]:
    return [
        dict(zip(CURVE_OBSERVATION.names, row, strict=True))
        for batch in batches
        for row in batch.rows["curve_observation"]
    ]


def reasons(batches: list[Batch]) -> list[tuple[str, str]]:
    return [(r.place, r.reason) for batch in batches for r in batch.rejected]


def test_the_curve_key_is_the_hash_of_its_eight_parts() -> None:
    assert curve_key(PJM_WEST) == PJM_WEST_KEY
    spaced = {**PJM_WEST, "location": "  WEST ", "iso": "pjm"}
    assert curve_key(spaced) == PJM_WEST_KEY
    assert [region_of(iso) for iso in ("pjm", "AESO", "NBP", "AP", "XX", None)] == [
        "US", "CA", "EU", "APAC", None, None,
    ]  # fmt: skip


class TestNymex:
    def test_a_snapshot_is_one_valuation_date_of_last_trades(self) -> None:
        (row,) = rows(read(nymex, snapshot({"2026-07": 3.273})))
        assert (row["asof_date"], row["tenor_label"], row["mid"]) == (
            "2026-05-29",
            "2026-07",
            3.273,
        )
        assert (row["price_type"], row["bid"], row["ask"]) == ("LAST", None, None)
        assert (row["currency"], row["per_unit"]) == ("USD", "MMBtu")
        assert row["expiry_date"] is None

    def test_the_last_day_of_a_contract_is_kept(self) -> None:
        text = snapshot({"2026-06": 3.0}, expiry={"2026-06": "2026-05-27"})
        assert rows(read(nymex, text))[0]["expiry_date"] == "2026-05-27"

    def test_the_valuation_date_is_the_exchange_s(self) -> None:
        late = json.loads(snapshot({"2026-07": 3}))
        late["lastUpdated"] = "2026-05-30T02:30:00.000Z"  # still the 29th in New York
        assert rows(read(nymex, json.dumps(late)))[0]["asof_date"] == "2026-05-29"

    @pytest.mark.parametrize(
        ("price", "reason"),
        [(None, "missing_measurement"), ("3.2", "invalid_price"), (0, "out_of_range"),
         (-1, "out_of_range"), (1e10, "out_of_range"), (True, "invalid_price"),
         ([], "invalid_price")],
    )  # fmt: skip
    def test_an_impossible_price_is_set_aside(self, price: Any, reason: str) -> None:
        batches = read(nymex, snapshot({"2026-07": price, "2026-08": 3.0}))
        assert reasons(batches) == [("data[0]", reason)]
        assert len(rows(batches)) == 1

    def test_a_number_json_does_not_know_is_set_aside(self) -> None:
        text = snapshot({"2026-07": 1}).replace('"price": 1', '"price": NaN')
        assert reasons(read(nymex, text)) == [("data[0]", "out_of_range")]

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_a_cut_off_copy_is_refused_whole_naming_the_place(self, share: float) -> None:
        whole = snapshot({"2026-07": 3.2, "2026-08": 3.3})
        with pytest.raises(InvalidFile, match=r"line \d+, column \d+: this is not whole JSON"):
            read(nymex, whole[: int(len(whole) * share)])

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            (lambda d: d.pop("lastUpdated"), "lastUpdated"),
            (lambda d: d.update(lastUpdated="yesterday"), "lastUpdated"),
            (lambda d: d.update(lastUpdated="2026-05-29T22:29:26"), "lastUpdated"),
            (lambda d: d.update(data=[]), "data"),
            (lambda d: d.pop("data"), "data"),
            (lambda d: d.update(data=["x"]), r"data\[0\]"),
            (lambda d: d["data"][0].update(month="7"), r"data\[0\].month"),
            (lambda d: d["data"][0].pop("price"), r"data\[0\]"),
            (lambda d: d["data"][0].update(month=8), r"data\[0\]"),
            (lambda d: d["data"][0].update(year=3026), r"data\[0\]"),
            (lambda d: d["data"][0].update(expiryDate="soon"), r"data\[0\].expiryDate"),
            (lambda d: d["data"][0].update(expiryDate=20260626), r"data\[0\].expiryDate"),
        ],
    )
    def test_a_structure_that_is_wrong_is_refused(self, change: Any, place: str) -> None:
        document = json.loads(snapshot({"2026-07": 3.2}))
        change(document)
        with pytest.raises(InvalidFile, match=f"^{place}: "):
            read(nymex, json.dumps(document))

    @pytest.mark.parametrize("text", ["", "[]", "3", "\xff"])
    def test_other_files_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidFile):
            read(nymex, text.encode("latin-1"))


class TestTable:
    def test_the_least_a_file_needs(self) -> None:
        (row,) = rows(read(own_csv, "asof_date,tenor_label,value,iso\n2025-09-12,2026-01,3,PJM\n"))
        assert (row["contract_month"], row["tenor_type"], row["mid"]) == (
            "2026-01-01",
            "MONTHLY",
            3.0,
        )
        assert row["price_type"] == "MID"

    def test_a_label_that_is_not_understood_is_no_month(self) -> None:
        text = "asof_date,tenor_label,mid,iso\n" + "".join(
            f"2026-09-01,{label},3,PJM\n" for label in ("Wk38-2026", "2026-10", "Nov-26")
        )
        found = [
            (row["tenor_label"], row["tenor_type"], row["contract_month"])
            for row in rows(read(own_csv, text))
        ]
        assert found == [
            ("Wk38-2026", "CUSTOM", None),
            ("2026-10", "MONTHLY", "2026-10-01"),
            ("2026-11", "MONTHLY", "2026-11-01"),
        ]

    def test_a_contract_s_last_day_may_be_given(self) -> None:
        row = {"contract_month": "2026-01", "mid": 3, "expiry_date": "2025-12-29"}
        assert rows(read(own_csv, curve_csv([row])))[0]["expiry_date"] == "2025-12-29"

    def test_a_given_key_stands_and_needs_no_identity(self) -> None:
        text = "asof_date,contract_month,mid,curve_key\n2025-09-12,2026-01,3,ANON-PJM\n"
        (row,) = rows(read(own_csv, text))
        assert row["curve_key"] == "ANON-PJM"

    def test_the_curve_itself_is_kept_once(self) -> None:
        batches = read(
            own_csv, curve_csv([{"contract_month": "2026-01", "mid": n} for n in range(3)])
        )
        ((key, *parts),) = batches[0].rows["curve"]
        assert key == PJM_WEST_KEY
        assert dict(zip(CURVE.names[1:], parts, strict=True))["location"] == "West"

    def test_the_region_follows_from_the_iso(self) -> None:
        text = "asof_date,contract_month,mid,iso\n2025-09-12,2026-01,3,ercot\n"
        ((_, asset, iso, region, *_),) = read(own_csv, text)[0].rows["curve"]
        assert (asset, iso, region) == (None, "ERCOT", "US")

    @pytest.mark.parametrize(
        ("cells", "unit"),
        [
            ({"units_raw": "$ / mwh"}, ("USD/MWh", "$ / mwh", "USD", "MWh")),
            ({"units_raw": "p/therm"}, ("p/therm", "p/therm", "GBP", "therm")),
            ({"currency": "EUR", "per_unit": "MWh"}, ("EUR/MWh", None, "EUR", "MWh")),
            ({"units_raw": "as agreed", "currency": "EUR", "per_unit": "MWh"},
             ("EUR/MWh", "as agreed", "EUR", "MWh")),
            ({}, (None, None, None, None)),
        ],
    )  # fmt: skip
    def test_currency_and_measure_follow_from_the_vendor_s_unit(
        self, cells: dict[str, Any], unit: tuple[Any, ...]
    ) -> None:
        (row,) = rows(read(own_csv, curve_csv([{"contract_month": "2026-01", "mid": 3, **cells}])))
        assert tuple(row[name] for name in ("unit", "units_raw", "currency", "per_unit")) == unit

    def test_a_middle_is_made_of_bid_and_ask(self) -> None:
        for bid, ask, mid in ((45, 46, 45.5), (0.1, 0.2, 0.15)):
            row = {"contract_month": "2026-01", "mid": "", "bid": bid, "ask": ask}
            assert rows(read(own_csv, curve_csv([row])))[0]["mid"] == mid

    @pytest.mark.parametrize(
        ("cells", "reason"),
        [
            ({"asof_date": "12.09.2025"}, "invalid_asof_date"),
            ({"asof_date": "20250912"}, "invalid_asof_date"),
            ({"asof_date": "1850-01-01"}, "invalid_asof_date"),
            ({"contract_month": "2026-13"}, "invalid_contract_month"),
            ({"contract_month": "2026-01-15"}, "invalid_contract_month"),
            ({"contract_month": ""}, "missing_tenor"),
            ({"tenor_label": "2026-02"}, "contract_month_contradicts_label"),
            ({"tenor_label": "Feb-26"}, "contract_month_contradicts_label"),
            ({"expiry_date": "27 May"}, "invalid_expiry_date"),
            ({"tenor_type": "WEEKLY"}, "invalid_tenor_type"),
            ({"price_type": "GUESS"}, "invalid_price_type"),
            ({"mid": ""}, "missing_measurement"),
            ({"mid": "abc"}, "invalid_price"),
            ({"mid": "nan"}, "out_of_range"),
            ({"mid": "inf"}, "out_of_range"),
            ({"mid": "1e10"}, "out_of_range"),
            ({"bid": 46, "ask": 45}, "negative_spread"),
            ({"units_raw": "furlongs"}, "unknown_units"),
            ({"units_raw": "$/MWh", "currency": "EUR", "per_unit": "MWh"}, "units_contradict"),
            ({"mid": "1_0"}, "invalid_price"),
            ({"mid": "\u0663"}, "invalid_price"),
            ({"tenor_label": "x" * 101, "contract_month": ""}, "invalid_tenor_label"),
            ({"curve_key": "not a key"}, "invalid_curve_key"),
            (dict.fromkeys(set(PJM_WEST) - {"asof_date"}, ""), "missing_curve_key"),
        ],
    )  # fmt: skip
    def test_an_impossible_value_is_set_aside_with_its_line(
        self, cells: dict[str, Any], reason: str
    ) -> None:
        good = {"contract_month": "2026-01", "mid": 3}
        batches = read(own_csv, curve_csv([good, {**good, **cells}]))
        assert reasons(batches) == [("line 3", reason)]
        assert len(rows(batches)) == 1

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "line 1: a header is expected"),
            ("asof_date,mid,iso\n", "line 1: column contract_month or tenor_label is missing"),
            ("asof_date,tenor_label,iso\n", "line 1: column mid or value is missing"),
            ("asof_date,tenor_label,mid\n", "line 1: curve_key or some of"),
            ("asof_date,tenor_label,mid,mid,iso\n", "line 1: column 'mid' is there twice"),
            ("asof_date,tenor_labl,mid,iso\n", r"line 1: .*did you mean 'tenor_label'"),
            ("asof_date,tenor_label,mid,iso\na,b,c\n", "line 2: 4 cells are expected, 3 are there"),
            ('asof_date,tenor_label,mid,iso\na,"b\n', "line 2: this is not CSV"),
            (b"asof_date,tenor_label,mid,iso\n\xff", "this is not UTF-8 text"),
        ],
    )
    def test_a_structure_that_is_wrong_is_refused_with_the_line(
        self, text: str | bytes, said: str
    ) -> None:
        with pytest.raises(InvalidFile, match=f"^{said}"):
            read(own_csv, text)

    def test_a_byte_order_mark_blank_lines_and_crlf_do_not_matter(self) -> None:
        text = curve_csv([{"contract_month": "2026-01", "mid": 3}]).replace("\n", "\r\n\r\n")
        assert len(rows(read(own_csv, "\ufeff" + text))) == 1

    def test_a_long_file_comes_in_batches_with_exact_lines(self) -> None:
        many = [{"tenor_label": f"T{n}", "mid": n} for n in range(ROWS_AT_ONCE + 2)]
        batches = read(own_csv, curve_csv(many))
        assert [len(batch.rows["curve_observation"]) for batch in batches] == [
            ROWS_AT_ONCE,
            2,
        ]
        assert batches[1].places["curve_observation"] == [
            f"line {ROWS_AT_ONCE + 2}", f"line {ROWS_AT_ONCE + 3}",
        ]  # fmt: skip
