"""What a server can be asked. Written by `generate.py` from its OpenAPI document."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from aurum_client.rows import Rows, Server


class Curves:
    """Below `/v2/curves`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def all(
        self,
        *,
        curve_key: str | Sequence[str] | None = None,
        asset_class: str | Sequence[str] | None = None,
        iso: str | Sequence[str] | None = None,
        region: str | Sequence[str] | None = None,
        location: str | Sequence[str] | None = None,
        market: str | Sequence[str] | None = None,
        product: str | Sequence[str] | None = None,
        block: str | Sequence[str] | None = None,
        spark_location: str | Sequence[str] | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "curve_key",
            "asset_class",
            "iso",
            "region",
            "location",
            "market",
            "product",
            "block",
            "spark_location",
            "unit",
            "currency",
            "per_unit",
            "first_asof",
            "last_asof",
            "tenors",
            "last_load",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """The catalogue of curves.

        What each curve is, its unit, and the valuation dates it has. Every filter takes several
        values. Start here to find the keys of the curves you need.

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "curve_key": curve_key,
            "asset_class": asset_class,
            "iso": iso,
            "region": region,
            "location": location,
            "market": market,
            "product": product,
            "block": block,
            "spark_location": spark_location,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/curves", asked)

    def observations(
        self,
        *,
        curve_key: str | Sequence[str] | None = None,
        asset_class: str | Sequence[str] | None = None,
        iso: str | Sequence[str] | None = None,
        region: str | Sequence[str] | None = None,
        location: str | Sequence[str] | None = None,
        market: str | Sequence[str] | None = None,
        product: str | Sequence[str] | None = None,
        block: str | Sequence[str] | None = None,
        spark_location: str | Sequence[str] | None = None,
        price_type: Literal["MID", "BID", "ASK", "LAST", "SETTLE", "INDEX", "STRIP", "CUSTOM"]
        | Sequence[str]
        | None = None,
        tenor_type: Literal["MONTHLY", "CALENDAR", "SEASON", "QUARTER", "STRIP", "CUSTOM"]
        | Sequence[str]
        | None = None,
        tenor_label: str | Sequence[str] | None = None,
        contract_month: str | date | datetime | None = None,
        asof_date: str | date | datetime | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "curve_key",
            "asset_class",
            "iso",
            "region",
            "location",
            "market",
            "product",
            "block",
            "spark_location",
            "asof_date",
            "tenor_label",
            "tenor_type",
            "contract_month",
            "price_type",
            "mid",
            "bid",
            "ask",
            "unit",
            "currency",
            "per_unit",
            "units_raw",
            "source_file",
            "sheet_name",
            "lineage_tags",
            "expiry_date",
            "load_id",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Prices of curves.

        Of many curves, tenors and valuation dates, each with its unit. Without `asof_date`, or
        with `latest`, each curve answers with its newest valuation date. With `known_at` the
        answer is what it would have been at that moment, before later corrections. As a table,
        without `limit`, it has all of them.

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        price_type: What kind of price.
        tenor_type: Kinds of delivery period.
        tenor_label: Delivery periods, as 2026-01, Oct-26 or Q1 2026.
        contract_month: First days of the delivery periods: a date, a month, a range without its
            end, `all`, or `front`: the first month listed whose contract has not expired.
        asof_date: Valuation dates: a date, a month, a range without its end as
            `2025-09-01..2025-09-15`, `all`, `latest`, or `nearest:2025-09-27`, the newest on or
            before that date; each curve's newest if absent.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "curve_key": curve_key,
            "asset_class": asset_class,
            "iso": iso,
            "region": region,
            "location": location,
            "market": market,
            "product": product,
            "block": block,
            "spark_location": spark_location,
            "price_type": price_type,
            "tenor_type": tenor_type,
            "tenor_label": tenor_label,
            "contract_month": contract_month,
            "asof_date": asof_date,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/curves/observations", asked)

    def diff(
        self,
        *,
        curve_key: str | Sequence[str] | None = None,
        asset_class: str | Sequence[str] | None = None,
        iso: str | Sequence[str] | None = None,
        region: str | Sequence[str] | None = None,
        location: str | Sequence[str] | None = None,
        market: str | Sequence[str] | None = None,
        product: str | Sequence[str] | None = None,
        block: str | Sequence[str] | None = None,
        spark_location: str | Sequence[str] | None = None,
        price_type: Literal["MID", "BID", "ASK", "LAST", "SETTLE", "INDEX", "STRIP", "CUSTOM"]
        | Sequence[str]
        | None = None,
        asof_date_a: str | date | datetime | None = None,
        asof_date_b: str | date | datetime | None = None,
        asof_date: str | date | datetime | None = None,
        known_at_a: str | datetime | None = None,
        known_at_b: str | datetime | None = None,
        status: Literal["added", "removed", "changed", "unchanged"] | Sequence[str] | None = None,
        tenor_type: Literal["MONTHLY", "CALENDAR", "SEASON", "QUARTER", "STRIP", "CUSTOM"]
        | Sequence[str]
        | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "curve_key",
            "tenor_label",
            "tenor_type",
            "contract_month",
            "price_type",
            "status",
            "asof_date_a",
            "mid_a",
            "asof_date_b",
            "mid_b",
            "change",
            "change_fraction",
            "bid_a",
            "ask_a",
            "bid_b",
            "ask_b",
            "unit",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """What was added, removed or changed.

        Between two looks at the same curves. Give `asof_date_a` and `asof_date_b` to compare
        two valuation dates. Give one `asof_date` with `known_at_a` or `known_at_b`, or both, to
        see what a correction has changed. `change_fraction` has the sign of the change, with
        negative prices too.

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        price_type: What kind of price.
        asof_date_a: Valuation date of the first look.
        asof_date_b: Valuation date of the second look.
        asof_date: One valuation date, looked at twice.
        known_at_a: What the first look knew; now if absent.
        known_at_b: What the second look knew; now if absent.
        status: Added, removed and changed if absent.
        tenor_type: Kinds of delivery period.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "curve_key": curve_key,
            "asset_class": asset_class,
            "iso": iso,
            "region": region,
            "location": location,
            "market": market,
            "product": product,
            "block": block,
            "spark_location": spark_location,
            "price_type": price_type,
            "asof_date_a": asof_date_a,
            "asof_date_b": asof_date_b,
            "asof_date": asof_date,
            "known_at_a": known_at_a,
            "known_at_b": known_at_b,
            "status": status,
            "tenor_type": tenor_type,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/curves/diff", asked)

    def strips(
        self,
        *,
        curve_key: str | Sequence[str] | None = None,
        asset_class: str | Sequence[str] | None = None,
        iso: str | Sequence[str] | None = None,
        region: str | Sequence[str] | None = None,
        location: str | Sequence[str] | None = None,
        market: str | Sequence[str] | None = None,
        product: str | Sequence[str] | None = None,
        block: str | Sequence[str] | None = None,
        spark_location: str | Sequence[str] | None = None,
        price_type: Literal["MID", "BID", "ASK", "LAST", "SETTLE", "INDEX", "STRIP", "CUSTOM"]
        | Sequence[str]
        | None = None,
        type: Literal["CALENDAR", "SEASON", "QUARTER"] | Sequence[str] | None = None,
        months: str | None = None,
        weighting: Literal["simple", "days", "hours"] | None = None,
        asof_date: str | date | datetime | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "curve_key",
            "asof_date",
            "tenor_label",
            "tenor_type",
            "first_month",
            "last_month",
            "price_type",
            "mid",
            "bid",
            "ask",
            "unit",
            "origin",
            "weighting",
            "months_expected",
            "months_covered",
            "months_missing",
            "partial",
            "note",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Strips of months.

        Calendar years, seasons, quarters, or any run of months: as quoted, and derived. A strip
        with months missing is shown and says so in `months_covered`, `months_missing` and
        `partial`. Months count alike, by their days, or by the hours of the curve's block.

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        price_type: What kind of price.
        type: Kinds of strip; all three if absent.
        months: One strip of exactly these months: one, or a range without its end; 120 at most.
        weighting: How much a month counts.
        asof_date: Valuation dates: a date, a month, a range without its end as
            `2025-09-01..2025-09-15`, `all`, `latest`, or `nearest:2025-09-27`, the newest on or
            before that date; each curve's newest if absent.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "curve_key": curve_key,
            "asset_class": asset_class,
            "iso": iso,
            "region": region,
            "location": location,
            "market": market,
            "product": product,
            "block": block,
            "spark_location": spark_location,
            "price_type": price_type,
            "type": type,
            "months": months,
            "weighting": weighting,
            "asof_date": asof_date,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/curves/strips", asked)

    def spreads(
        self,
        *,
        leg_a: str,
        leg_b: str,
        asof_date: str | date | datetime | None = None,
        price_type_a: Literal["MID", "BID", "ASK", "LAST", "SETTLE", "INDEX", "STRIP", "CUSTOM"]
        | Sequence[str]
        | None = None,
        price_type_b: Literal["MID", "BID", "ASK", "LAST", "SETTLE", "INDEX", "STRIP", "CUSTOM"]
        | Sequence[str]
        | None = None,
        heat_rate: float | None = None,
        heat_rate_unit: str | None = None,
        unit: str | None = None,
        fx_rate: float | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "asof_date",
            "tenor_label",
            "tenor_type",
            "contract_month",
            "price_type_a",
            "price_type_b",
            "mid_a",
            "mid_b",
            "spread",
            "unit",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Spreads of two curves.

        Leg a less leg b on the tenors that both have, in one unit. Any two curves whose units
        have an exact factor between them. For a spark spread leg b is the fuel and `heat_rate`
        says how much of it is burnt. What cannot be converted is refused.

        leg_a: The curve to take from: for a spark spread, power.
        leg_b: The curve that is taken: for a spark spread, gas.
        asof_date: Valuation dates: a date, a month, a range without its end as
            `2025-09-01..2025-09-15`, `all`, `latest`, or `nearest:2025-09-27`, the newest on or
            before that date; the newest of both if absent.
        price_type_a: Price types of leg a.
        price_type_b: Price types of leg b.
        heat_rate: Fuel burnt for power made: leg b is multiplied by it.
        heat_rate_unit: As MMBtu/MWh, GJ/MWh or MWh/MWh.
        unit: Unit of the answer, as money per a measure; leg a's if absent.
        fx_rate: What one of leg b's currency costs in the answer's.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "leg_a": leg_a,
            "leg_b": leg_b,
            "asof_date": asof_date,
            "price_type_a": price_type_a,
            "price_type_b": price_type_b,
            "heat_rate": heat_rate,
            "heat_rate_unit": heat_rate_unit,
            "unit": unit,
            "fx_rate": fx_rate,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/curves/spreads", asked)

    def one(
        self,
        curve_key: str,
        known_at: str | datetime | None = None,
        fields: Literal[
            "curve_key",
            "asset_class",
            "iso",
            "region",
            "location",
            "market",
            "product",
            "block",
            "spark_location",
            "unit",
            "currency",
            "per_unit",
            "first_asof",
            "last_asof",
            "tenors",
            "last_load",
        ]
        | Sequence[str]
        | None = None,
    ) -> dict[str, Any]:
        """One curve of the catalogue.

        `data` is the row itself. An unknown key is a 404 that offers the nearest ones.

        curve_key: The key of the curve, as the catalogue has it.
        known_at: Answer with what was known at this instant. Now if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {"known_at": known_at, "fields": fields}
        return self._server.row(f"/v2/curves/{curve_key}", asked)


class Iso:
    """Below `/v2/iso`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def lmp(
        self,
        *,
        iso: str | Sequence[str] | None = None,
        market: Literal["DAY_AHEAD", "REAL_TIME", "FIFTEEN_MINUTE", "FIVE_MINUTE", "HOUR_AHEAD"]
        | Sequence[str]
        | None = None,
        location_id: str | Sequence[str] | None = None,
        location_type: Literal[
            "NODE", "ZONE", "HUB", "SYSTEM", "AGGREGATE", "INTERFACE", "RESOURCE", "OTHER"
        ]
        | Sequence[str]
        | None = None,
        tz: str | None = None,
        label: Literal["beginning", "ending"] | None = None,
        start: str | datetime | None = None,
        end: str | datetime | None = None,
        block: Literal[
            "ON_PEAK",
            "OFF_PEAK",
            "7X24",
            "6X16",
            "1X16",
            "7X16",
            "6X8",
            "7X8",
            "5X16",
            "2X16",
            "5X8",
        ]
        | None = None,
        resample: Literal["hour", "day", "week", "month", "year", "all", "none"] | None = None,
        below: float | None = None,
        agg: Literal["mean", "min", "max", "sum", "std", "count", "first", "last"]
        | Sequence[str]
        | None = None,
        price: Literal["price_total", "price_energy", "price_congestion", "price_loss", "price_ghg"]
        | None = None,
        fill: Literal["null"] | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "iso",
            "market",
            "location_id",
            "location_name",
            "location_type",
            "zone",
            "hub",
            "local",
            "interval_minutes",
            "series_key",
            "delivery_date",
            "interval_start",
            "interval_end",
            "interval_seconds",
            "hour_beginning",
            "hour_ending",
            "utc_offset",
            "block_hour",
            "is_peak_day",
            "price_total",
            "price_energy",
            "price_congestion",
            "price_loss",
            "price_ghg",
            "status",
            "version",
            "load_id",
            "mean",
            "min",
            "max",
            "sum",
            "std",
            "count",
            "first",
            "last",
            "expected",
            "hours_expected",
            "hours_covered",
            "partial",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Locational marginal prices.

        Of many locations, over any range. Without `resample` the prices as they were published,
        each with its interval in UTC and on the market's own clock. With `resample` and `agg`
        their aggregates by hour, day, week, month or year of the market's clock, with the
        number of intervals there are and how many were to be expected. `block` keeps the hours
        of a block, by the calendar of each market.

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a zone's.
        label: Which end of the interval `local` shows.
        start: First time of the range.
        end: End of the range, which does not count.
        block: Only hours of this block of each market's calendar, as ON_PEAK, 5x16 or ATC.
        resample: Sum up by the market's own hours, days…; `all` makes one number of the range
            from `start` to `end`, `none` is as if it were absent.
        below: Only prices below this one.
        agg: With `resample`: which aggregates; the mean if absent.
        price: With `resample`: of which price; else the total.
        fill: With `resample`: show empty buckets as nulls.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "iso": iso,
            "market": market,
            "location_id": location_id,
            "location_type": location_type,
            "tz": tz,
            "label": label,
            "start": start,
            "end": end,
            "block": block,
            "resample": resample,
            "below": below,
            "agg": agg,
            "price": price,
            "fill": fill,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/iso/lmp", asked)

    def lmp_latest(
        self,
        *,
        iso: str | Sequence[str] | None = None,
        market: Literal["DAY_AHEAD", "REAL_TIME", "FIFTEEN_MINUTE", "FIVE_MINUTE", "HOUR_AHEAD"]
        | Sequence[str]
        | None = None,
        location_id: str | Sequence[str] | None = None,
        location_type: Literal[
            "NODE", "ZONE", "HUB", "SYSTEM", "AGGREGATE", "INTERFACE", "RESOURCE", "OTHER"
        ]
        | Sequence[str]
        | None = None,
        tz: str | None = None,
        label: Literal["beginning", "ending"] | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "iso",
            "market",
            "location_id",
            "location_name",
            "location_type",
            "zone",
            "hub",
            "local",
            "interval_minutes",
            "series_key",
            "delivery_date",
            "interval_start",
            "interval_end",
            "interval_seconds",
            "hour_beginning",
            "hour_ending",
            "utc_offset",
            "block_hour",
            "is_peak_day",
            "price_total",
            "price_energy",
            "price_congestion",
            "price_loss",
            "price_ghg",
            "status",
            "version",
            "load_id",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """The newest price of each series.

        A series is a location in one of its market's runs: day-ahead, real-time. One that is
        priced no more keeps its last price.

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a zone's.
        label: Which end of the interval `local` shows.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "iso": iso,
            "market": market,
            "location_id": location_id,
            "location_type": location_type,
            "tz": tz,
            "label": label,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/iso/lmp/latest", asked)

    def lmp_negative(
        self,
        *,
        iso: str | Sequence[str] | None = None,
        market: Literal["DAY_AHEAD", "REAL_TIME", "FIFTEEN_MINUTE", "FIVE_MINUTE", "HOUR_AHEAD"]
        | Sequence[str]
        | None = None,
        location_id: str | Sequence[str] | None = None,
        location_type: Literal[
            "NODE", "ZONE", "HUB", "SYSTEM", "AGGREGATE", "INTERFACE", "RESOURCE", "OTHER"
        ]
        | Sequence[str]
        | None = None,
        tz: str | None = None,
        label: Literal["beginning", "ending"] | None = None,
        start: str | datetime | None = None,
        end: str | datetime | None = None,
        block: Literal[
            "ON_PEAK",
            "OFF_PEAK",
            "7X24",
            "6X16",
            "1X16",
            "7X16",
            "6X8",
            "7X8",
            "5X16",
            "2X16",
            "5X8",
        ]
        | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "iso",
            "market",
            "location_id",
            "location_name",
            "location_type",
            "zone",
            "hub",
            "local",
            "interval_minutes",
            "series_key",
            "delivery_date",
            "interval_start",
            "interval_end",
            "interval_seconds",
            "hour_beginning",
            "hour_ending",
            "utc_offset",
            "block_hour",
            "is_peak_day",
            "price_total",
            "price_energy",
            "price_congestion",
            "price_loss",
            "price_ghg",
            "status",
            "version",
            "load_id",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Prices below zero, the cheapest first.

        Without a range those of the seven days that end with the newest interval of each
        market, not with the clock.

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a zone's.
        label: Which end of the interval `local` shows.
        start: First time of the range.
        end: End of the range, which does not count.
        block: Only hours of this block of each market's calendar, as ON_PEAK, 5x16 or ATC.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "iso": iso,
            "market": market,
            "location_id": location_id,
            "location_type": location_type,
            "tz": tz,
            "label": label,
            "start": start,
            "end": end,
            "block": block,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/iso/lmp/negative", asked)

    def locations(
        self,
        *,
        iso: str | Sequence[str] | None = None,
        prefix: str | None = None,
        location_type: Literal[
            "NODE", "ZONE", "HUB", "SYSTEM", "AGGREGATE", "INTERFACE", "RESOURCE", "OTHER"
        ]
        | Sequence[str]
        | None = None,
        zone: str | Sequence[str] | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "iso",
            "location_id",
            "location_name",
            "location_type",
            "zone",
            "hub",
            "timezone",
            "as_of",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Locations of market operators: hubs, zones, nodes, interfaces.

        What the publishers' own files say of them. Start here to find the ids of the locations
        you need.

        iso: Market operators, in any case.
        prefix: How its id or its name begins, in any case.
        location_type: Kinds of location.
        zone: Zones, exactly as they are written.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "iso": iso,
            "prefix": prefix,
            "location_type": location_type,
            "zone": zone,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/iso/locations", asked)

    def series(
        self,
        *,
        iso: str | Sequence[str] | None = None,
        market: Literal["DAY_AHEAD", "REAL_TIME", "FIFTEEN_MINUTE", "FIVE_MINUTE", "HOUR_AHEAD"]
        | Sequence[str]
        | None = None,
        location_id: str | Sequence[str] | None = None,
        location_type: Literal[
            "NODE", "ZONE", "HUB", "SYSTEM", "AGGREGATE", "INTERFACE", "RESOURCE", "OTHER"
        ]
        | Sequence[str]
        | None = None,
        zone: str | Sequence[str] | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "series_key",
            "iso",
            "market",
            "location_id",
            "location_name",
            "location_type",
            "zone",
            "first_start",
            "last_start",
            "last_end",
            "interval_minutes",
            "intervals_expected",
            "last_load",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Series of prices, with their ends.

        What is priced, of which place and in which market, since when and until when, and by
        which load the newest price came.

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them.
        zone: Zones, exactly as they are written.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "iso": iso,
            "market": market,
            "location_id": location_id,
            "location_type": location_type,
            "zone": zone,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/iso/series", asked)

    def spreads(
        self,
        *,
        leg_a: str,
        leg_b: str,
        tz: str | None = None,
        label: Literal["beginning", "ending"] | None = None,
        start: str | datetime | None = None,
        end: str | datetime | None = None,
        block: Literal[
            "ON_PEAK",
            "OFF_PEAK",
            "7X24",
            "6X16",
            "1X16",
            "7X16",
            "6X8",
            "7X8",
            "5X16",
            "2X16",
            "5X8",
        ]
        | None = None,
        resample: Literal["hour", "day", "week", "month", "year", "all"] | None = None,
        price: Literal["price_total", "price_energy", "price_congestion", "price_loss", "price_ghg"]
        | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "interval_start",
            "interval_end",
            "local",
            "delivery_date",
            "mean_a",
            "mean_b",
            "spread",
            "count_a",
            "count_b",
            "hours_expected",
            "hours_covered",
            "partial",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Differences of two series, as one series.

        Leg a less leg b wherever both have prices: a node less its hub, day-ahead less real-
        time. Both are summed up by the same buckets first, so that hourly and five-minute
        prices meet.

        leg_a: The series to take from: operator, market and place.
        leg_b: The series that is taken: operator, market and place.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a zone's.
        label: Which end of the interval `local` shows.
        start: First time of the range.
        end: End of the range, which does not count.
        block: Only hours of this block of each market's calendar, as ON_PEAK, 5x16 or ATC.
        resample: By the market's own hours, days…; `all` is one number of `start` to `end`.
        price: Of which price; the total if absent.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "leg_a": leg_a,
            "leg_b": leg_b,
            "tz": tz,
            "label": label,
            "start": start,
            "end": end,
            "block": block,
            "resample": resample,
            "price": price,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/iso/spreads", asked)


class Metadata:
    """Below `/v2/metadata`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def calendars(
        self,
        *,
        name: Literal[
            "pjm",
            "nyiso",
            "isone",
            "miso",
            "miso_tariff",
            "ercot",
            "spp",
            "caiso",
            "wecc",
            "eu_base",
        ]
        | Sequence[str]
        | None = None,
        limit: int | None = None,
        fields: Literal[
            "name", "timezone", "peak_weekdays", "holidays", "blocks", "convention", "source"
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """Trading calendars.

        One row per calendar: its clock, the weekdays that have a peak, whose holidays it keeps,
        and its blocks.

        name: Trading calendars.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {"name": name, "limit": limit, "fields": fields}
        return Rows(self._server, "/v2/metadata/calendars", asked)

    def calendars_hours(
        self,
        *,
        start: str | date | datetime,
        calendar: Literal[
            "pjm",
            "nyiso",
            "isone",
            "miso",
            "miso_tariff",
            "ercot",
            "spp",
            "caiso",
            "wecc",
            "eu_base",
        ],
        block: str,
        end: str | date | datetime | None = None,
        limit: int | None = None,
        fields: Literal[
            "calendar", "block", "hour_beginning", "interval_start", "delivery_date", "hour_ending"
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """The hours of a block.

        One row per hour, by local clock and in UTC, from `start` to before `end`, 366 days at
        the most. The rows of an hour that comes twice differ in the offset.

        start: The first day, or a whole month.
        calendar: The trading calendar.
        block: Block of the calendar, by any name that it goes by.
        end: The day after the last, or the month; if absent, the range is what `start` is.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "start": start,
            "calendar": calendar,
            "block": block,
            "end": end,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/calendars/hours", asked)

    def calendars_holidays(
        self,
        *,
        start: str | date | datetime,
        end: str | date | datetime | None = None,
        calendar: Literal[
            "pjm",
            "nyiso",
            "isone",
            "miso",
            "miso_tariff",
            "ercot",
            "spp",
            "caiso",
            "wecc",
            "eu_base",
        ]
        | Sequence[str]
        | None = None,
        limit: int | None = None,
        fields: Literal["calendar", "date", "name"] | Sequence[str] | None = None,
    ) -> Rows:
        """Holidays of trading calendars.

        On the days on which they are kept: one that falls on a Sunday is kept on the Monday
        after, one on a Saturday stays. A calendar whose peak ignores holidays has none.

        start: The first day, or a whole month.
        end: The day after the last, or the month; if absent, the range is what `start` is.
        calendar: Trading calendars; all if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "start": start,
            "end": end,
            "calendar": calendar,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/calendars/holidays", asked)

    def calendars_months(
        self,
        *,
        calendar: Literal[
            "pjm",
            "nyiso",
            "isone",
            "miso",
            "miso_tariff",
            "ercot",
            "spp",
            "caiso",
            "wecc",
            "eu_base",
        ],
        months: str,
        block: str | Sequence[str] | None = None,
        limit: int | None = None,
        fields: Literal["calendar", "block", "month", "hours"] | Sequence[str] | None = None,
    ) -> Rows:
        """How many hours a block has in each month.

        With holidays, and with the hour that the clock skips or repeats.

        calendar: The trading calendar.
        months: A month, or a range of months without its end; 120 at most.
        block: Blocks of the calendar, by any name; all if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "calendar": calendar,
            "months": months,
            "block": block,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/calendars/months", asked)

    def units(
        self,
        *,
        prefix: str | None = None,
        currency: str | Sequence[str] | None = None,
        per_unit: str | Sequence[str] | None = None,
        limit: int | None = None,
        fields: Literal["units_raw", "unit", "currency", "per_unit"] | Sequence[str] | None = None,
    ) -> Rows:
        """How sources write units of prices.

        Each text that is understood, without blanks and in one of its cases, and what it means.

        prefix: How the source's text begins, in any case.
        currency: Currencies.
        per_unit: What the price is per, exactly: MWh, therm.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "prefix": prefix,
            "currency": currency,
            "per_unit": per_unit,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/units", asked)

    def isos(
        self,
        *,
        iso: str | Sequence[str] | None = None,
        timezone: str | Sequence[str] | None = None,
        calendar: Literal[
            "pjm",
            "nyiso",
            "isone",
            "miso",
            "miso_tariff",
            "ercot",
            "spp",
            "caiso",
            "wecc",
            "eu_base",
        ]
        | Sequence[str]
        | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal["iso", "name", "timezone", "calendar"] | Sequence[str] | None = None,
    ) -> Rows:
        """Market operators.

        With the clock that each market goes by, and its trading calendar.

        iso: Market operators.
        timezone: Their clocks, as IANA names.
        calendar: Their trading calendars.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "iso": iso,
            "timezone": timezone,
            "calendar": calendar,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/isos", asked)

    def markets(
        self,
        *,
        iso: str | Sequence[str] | None = None,
        market: Literal[
            "DAY_AHEAD", "REAL_TIME", "FIFTEEN_MINUTE", "FIVE_MINUTE", "HOUR_AHEAD", "SETTLEMENT"
        ]
        | Sequence[str]
        | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal["iso", "market", "interval_minutes"] | Sequence[str] | None = None,
    ) -> Rows:
        """Markets of the operators.

        With the interval for which a price holds.

        iso: Market operators.
        market: Markets, as DAY_AHEAD or DA.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "iso": iso,
            "market": market,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/markets", asked)

    def blocks(
        self,
        *,
        block: str | Sequence[str] | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal["block", "name", "hours_a_week"] | Sequence[str] | None = None,
    ) -> Rows:
        """Blocks of hours.

        What each is called, and how many hours a plain week has of it.

        block: Blocks of hours, by any name that they go by.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "block": block,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/blocks", asked)

    def products(
        self,
        *,
        product: str | Sequence[str] | None = None,
        commodity: str | Sequence[str] | None = None,
        unit: str | Sequence[str] | None = None,
        known_at: str | datetime | None = None,
        limit: int | None = None,
        fields: Literal["product", "name", "commodity", "unit"] | Sequence[str] | None = None,
    ) -> Rows:
        """Products.

        What each is, and what its price is in.

        product: Products, exactly.
        commodity: What is delivered: power, gas, renewable.
        unit: What prices are in, exactly.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "product": product,
            "commodity": commodity,
            "unit": unit,
            "known_at": known_at,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/metadata/products", asked)


class Loads:
    """Below `/v2/loads`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def all(
        self,
        *,
        feed: str | Sequence[str] | None = None,
        sha256: str | Sequence[str] | None = None,
        state: Literal["published", "unchanged"] | Sequence[str] | None = None,
        limit: int | None = None,
        fields: Literal[
            "load_id",
            "feed",
            "file",
            "sha256",
            "state",
            "ended_at",
            "demo",
            "new",
            "revised",
            "closed",
            "same",
            "older",
            "quarantined",
            "flagged",
            "retracts",
            "removed_by",
        ]
        | Sequence[str]
        | None = None,
    ) -> Rows:
        """The loads behind the numbers.

        Which file brought them, its SHA-256, when its rows could first be seen, and what became
        of them. The newest come first. Every row of a list has `load_id` among its columns.

        feed: What read the files, exactly: curves.csv, iso.pjm_lmp.
        sha256: SHA-256 of the files, as `sha256sum` prints it.
        state: Whether they said anything new.
        limit: How many rows at the most, over all pages; all that match if absent.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {
            "feed": feed,
            "sha256": sha256,
            "state": state,
            "limit": limit,
            "fields": fields,
        }
        return Rows(self._server, "/v2/loads", asked)

    def one(
        self,
        load_id: int,
        fields: Literal[
            "load_id",
            "feed",
            "file",
            "sha256",
            "state",
            "ended_at",
            "demo",
            "new",
            "revised",
            "closed",
            "same",
            "older",
            "quarantined",
            "flagged",
            "retracts",
            "removed_by",
        ]
        | Sequence[str]
        | None = None,
    ) -> dict[str, Any]:
        """One load.

        `data` is the row itself.

        load_id: The load, as rows name it in `load_id`.
        fields: Which columns, in the order wanted; `*` for all.
        """
        asked: dict[str, Any] = {"fields": fields}
        return self._server.row(f"/v2/loads/{load_id}", asked)


class Groups:
    """What a client can be asked, by the first part of the address."""

    def __init__(self, server: Server) -> None:
        self.curves = Curves(server)
        self.iso = Iso(server)
        self.metadata = Metadata(server)
        self.loads = Loads(server)
