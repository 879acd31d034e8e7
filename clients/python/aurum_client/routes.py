"""The routes of Aurum v2. Written by generate.py: change it, or the routes, and run it again."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from aurum_client.group import Group
from aurum_client.parameters import path_of
from aurum_client.rows import Rows
from aurum_client.transport import Transport

Texts = str | Sequence[str]
"""One value, several with commas between them, or a list of values."""
Day = str | date
"""As 2025-09-30, or any form that the parameter takes; a midnight without a zone is its day."""
Moment = str | date
"""A date, or an instant (a datetime, which is a date) with its zone, or the text of either."""

Weighting = Literal[
    "simple",
    "days",
    "hours",
]
Label = Literal[
    "beginning",
    "ending",
]
Block = Literal[
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
Resample = Literal[
    "hour",
    "day",
    "week",
    "month",
    "year",
    "all",
    "none",
]
Price = Literal[
    "price_total",
    "price_energy",
    "price_congestion",
    "price_loss",
    "price_ghg",
]
Fill = Literal["null"]
IsoSpreadsResample = Literal[
    "hour",
    "day",
    "week",
    "month",
    "year",
    "all",
]
Calendar = Literal[
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


class Curves(Group):
    """Forward curves: the price of each delivery month as seen on each valuation date."""

    def list(
        self,
        *,
        curve_key: Texts | None = None,
        asset_class: Texts | None = None,
        iso: Texts | None = None,
        region: Texts | None = None,
        location: Texts | None = None,
        market: Texts | None = None,
        product: Texts | None = None,
        block: Texts | None = None,
        spark_location: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """The catalogue of curves.

        What each curve is, its unit, and the valuation dates it has. Every filter takes several
        values. Start here to find the keys of the curves you need.

        `GET /v2/curves`

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
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: curve_key, asset_class,
            iso, region, location, market, product, block, spark_location, unit, currency,
            per_unit, first_asof, last_asof, tenors, last_load.
        """
        return self._rows(
            "/v2/curves",
            {
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
                "fields": fields,
            },
            limit,
        )

    def dates(
        self,
        *,
        curve_key: Texts | None = None,
        asset_class: Texts | None = None,
        iso: Texts | None = None,
        region: Texts | None = None,
        location: Texts | None = None,
        market: Texts | None = None,
        product: Texts | None = None,
        block: Texts | None = None,
        spark_location: Texts | None = None,
        asof_date: Day | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """The valuation dates of curves.

        Each date on which a curve was quoted, with how many tenors and which months. Here you
        see which dates can be asked for, compared, or tested against, and where a history has
        holes.

        `GET /v2/curves/dates`

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        asof_date: Valuation dates: a date, a month, or a range without its end.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: curve_key, asset_class,
            iso, region, location, market, product, block, spark_location, asof_date,
            tenors, first_month, last_month, last_load.
        """
        return self._rows(
            "/v2/curves/dates",
            {
                "curve_key": curve_key,
                "asset_class": asset_class,
                "iso": iso,
                "region": region,
                "location": location,
                "market": market,
                "product": product,
                "block": block,
                "spark_location": spark_location,
                "asof_date": asof_date,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def observations(
        self,
        *,
        curve_key: Texts | None = None,
        asset_class: Texts | None = None,
        iso: Texts | None = None,
        region: Texts | None = None,
        location: Texts | None = None,
        market: Texts | None = None,
        product: Texts | None = None,
        block: Texts | None = None,
        spark_location: Texts | None = None,
        price_type: Texts | None = None,
        tenor_type: Texts | None = None,
        tenor_label: Texts | None = None,
        contract_month: Day | None = None,
        asof_date: Day | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Prices of curves.

        Of many curves, tenors and valuation dates, each with its unit. Without `asof_date`, or
        with `latest`, each curve answers with its newest valuation date. With `known_at` the
        answer is what it would have been at that moment, before later corrections. As a table,
        without `limit`, it has all of them.

        `GET /v2/curves/observations`

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        price_type: What kind of price. Of: MID, BID, ASK, LAST, SETTLE, INDEX, STRIP,
            CUSTOM.
        tenor_type: Kinds of delivery period. Of: MONTHLY, CALENDAR, SEASON, QUARTER, STRIP,
            CUSTOM.
        tenor_label: Delivery periods, as 2026-01, Oct-26 or Q1 2026.
        contract_month: First days of the delivery periods: a date, a month, a range without
            its end, `all`, or `front`: the first month listed whose contract has not
            expired.
        asof_date: Valuation dates: a date or several, a month, a range without its end as
            `2025-09-01..2025-09-15`, `all`, `latest`, or `nearest:2025-09-27`, the newest
            on or before that date; each curve's newest if absent.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: curve_key, asset_class,
            iso, region, location, market, product, block, spark_location, asof_date,
            tenor_label, tenor_type, contract_month, price_type, mid, bid, ask, unit,
            currency, per_unit, units_raw, source_file, sheet_name, lineage_tags,
            expiry_date, load_id.
        """
        return self._rows(
            "/v2/curves/observations",
            {
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
                "fields": fields,
            },
            limit,
        )

    def diff(
        self,
        *,
        curve_key: Texts | None = None,
        asset_class: Texts | None = None,
        iso: Texts | None = None,
        region: Texts | None = None,
        location: Texts | None = None,
        market: Texts | None = None,
        product: Texts | None = None,
        block: Texts | None = None,
        spark_location: Texts | None = None,
        price_type: Texts | None = None,
        tenor_type: Texts | None = None,
        tenor_label: Texts | None = None,
        contract_month: Day | None = None,
        asof_date_a: str | None = None,
        asof_date_b: str | None = None,
        asof_date: str | None = None,
        known_at_a: Moment | None = None,
        known_at_b: Moment | None = None,
        status: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """What was added, removed or changed.

        Between two looks at the same curves. Give `asof_date_a` and `asof_date_b` to compare
        two valuation dates. Give one `asof_date` with `known_at_a` or `known_at_b`, or both, to
        see what a correction has changed. `change_fraction` has the sign of the change, with
        negative prices too.

        `GET /v2/curves/diff`

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        price_type: What kind of price. Of: MID, BID, ASK, LAST, SETTLE, INDEX, STRIP,
            CUSTOM.
        tenor_type: Kinds of delivery period. Of: MONTHLY, CALENDAR, SEASON, QUARTER, STRIP,
            CUSTOM.
        tenor_label: Delivery periods, as 2026-01, Oct-26 or Q1 2026.
        contract_month: First days of the delivery periods: a date, a month, a range without
            its end.
        asof_date_a: Valuation date of the first look; `latest` and `nearest:` are the
            newest of all the curves asked for.
        asof_date_b: Valuation date of the second look.
        asof_date: One valuation date, looked at twice.
        known_at_a: What the first look knew; now if absent.
        known_at_b: What the second look knew; now if absent.
        status: Added, removed and changed if absent. Of: added, removed, changed,
            unchanged.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: curve_key, tenor_label,
            tenor_type, contract_month, price_type, status, asof_date_a, mid_a, asof_date_b,
            mid_b, change, change_fraction, bid_a, ask_a, bid_b, ask_b, unit.
        """
        return self._rows(
            "/v2/curves/diff",
            {
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
                "asof_date_a": asof_date_a,
                "asof_date_b": asof_date_b,
                "asof_date": asof_date,
                "known_at_a": known_at_a,
                "known_at_b": known_at_b,
                "status": status,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def strips(
        self,
        *,
        curve_key: Texts | None = None,
        asset_class: Texts | None = None,
        iso: Texts | None = None,
        region: Texts | None = None,
        location: Texts | None = None,
        market: Texts | None = None,
        product: Texts | None = None,
        block: Texts | None = None,
        spark_location: Texts | None = None,
        price_type: Texts | None = None,
        type: Texts | None = None,
        months: str | None = None,
        weighting: Weighting | None = None,
        asof_date: Day | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Strips of months.

        Calendar years, seasons, quarters, or any run of months: as quoted, and derived. A strip
        with months missing is shown and says so in `months_covered`, `months_missing` and
        `partial`. Months count alike, by their days, or by the hours of the curve's block.

        `GET /v2/curves/strips`

        curve_key: Curves, by their keys.
        asset_class: Asset classes: power, gas, renewable, carbon, storage; in any case.
        iso: Market operators or hubs, in any case.
        region: Regions: US, CA, EU or APAC.
        location: Hubs, zones or nodes, in any case.
        market: Markets, as DA or DAY_AHEAD.
        product: What is delivered, in any case.
        block: Hours of delivery, by any name: ON_PEAK, 5x16, ATC.
        spark_location: Gas legs of spark spreads, in any case.
        price_type: What kind of price. Of: MID, BID, ASK, LAST, SETTLE, INDEX, STRIP,
            CUSTOM.
        type: Kinds of strip; all three if absent. Of: CALENDAR, SEASON, QUARTER.
        months: One strip of exactly these months: one, or a range without its end; 120 at
            most.
        weighting: How much a month counts.
        asof_date: Valuation dates: a date or several, a month, a range without its end as
            `2025-09-01..2025-09-15`, `all`, `latest`, or `nearest:2025-09-27`, the newest
            on or before that date; each curve's newest if absent.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: curve_key, asof_date,
            tenor_label, tenor_type, first_month, last_month, price_type, mid, bid, ask,
            unit, origin, weighting, months_expected, months_covered, months_missing,
            partial, note.
        """
        return self._rows(
            "/v2/curves/strips",
            {
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
                "fields": fields,
            },
            limit,
        )

    def spreads(
        self,
        *,
        leg_a: str,
        leg_b: str,
        tenor_type: Texts | None = None,
        tenor_label: Texts | None = None,
        contract_month: Day | None = None,
        asof_date: Day | None = None,
        price_type_a: Texts | None = None,
        price_type_b: Texts | None = None,
        heat_rate: float | None = None,
        heat_rate_unit: str | None = None,
        unit: str | None = None,
        fx_rate: float | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Spreads of two curves.

        Leg a less leg b on the tenors that both have, in one unit. Any two curves whose units
        have an exact factor between them. For a spark spread leg b is the fuel and `heat_rate`
        says how much of it is burnt. What cannot be converted is refused.

        `GET /v2/curves/spreads`

        leg_a: The curve to take from: for a spark spread, power.
        leg_b: The curve that is taken: for a spark spread, gas.
        tenor_type: Kinds of delivery period. Of: MONTHLY, CALENDAR, SEASON, QUARTER, STRIP,
            CUSTOM.
        tenor_label: Delivery periods, as 2026-01, Oct-26 or Q1 2026.
        contract_month: First days of the delivery periods: a date, a month, a range without
            its end.
        asof_date: Valuation dates: a date or several, a month, a range without its end as
            `2025-09-01..2025-09-15`, `all`, `latest`, or `nearest:2025-09-27`, the newest
            on or before that date; the newest of both if absent.
        price_type_a: Price types of leg a. Of: MID, BID, ASK, LAST, SETTLE, INDEX, STRIP,
            CUSTOM.
        price_type_b: Price types of leg b. Of: MID, BID, ASK, LAST, SETTLE, INDEX, STRIP,
            CUSTOM.
        heat_rate: Fuel burnt for power made: leg b is multiplied by it.
        heat_rate_unit: As MMBtu/MWh, GJ/MWh or MWh/MWh.
        unit: Unit of the answer, as money per a measure; leg a's if absent.
        fx_rate: What one of leg b's currency costs in the answer's.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: asof_date, tenor_label,
            tenor_type, contract_month, price_type_a, price_type_b, mid_a, mid_b, spread,
            unit.
        """
        return self._rows(
            "/v2/curves/spreads",
            {
                "leg_a": leg_a,
                "leg_b": leg_b,
                "tenor_type": tenor_type,
                "tenor_label": tenor_label,
                "contract_month": contract_month,
                "asof_date": asof_date,
                "price_type_a": price_type_a,
                "price_type_b": price_type_b,
                "heat_rate": heat_rate,
                "heat_rate_unit": heat_rate_unit,
                "unit": unit,
                "fx_rate": fx_rate,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def one(
        self,
        curve_key: str,
        *,
        known_at: Moment | None = None,
        fields: Texts | None = None,
    ) -> dict[str, Any]:
        """One curve of the catalogue.

        `data` is the row itself. An unknown key is a 404 that offers the nearest ones.

        `GET /v2/curves/{curve_key}`

        curve_key: The key of the curve, as the catalogue has it.
        known_at: Answer with what was known at this instant. Now if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: curve_key, asset_class,
            iso, region, location, market, product, block, spark_location, unit, currency,
            per_unit, first_asof, last_asof, tenors, last_load.
        """
        return self._row(
            path_of("/v2/curves/{curve_key}", curve_key=curve_key),
            {
                "known_at": known_at,
                "fields": fields,
            },
        )


class Iso(Group):
    """Market operators' prices: what power cost at each place, in each interval."""

    def lmp(
        self,
        *,
        iso: Texts | None = None,
        market: Texts | None = None,
        location_id: Texts | None = None,
        location_type: Texts | None = None,
        tz: str | None = None,
        label: Label | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        block: Block | None = None,
        vintage: Moment | None = None,
        resample: Resample | None = None,
        below: float | None = None,
        agg: Texts | None = None,
        price: Price | None = None,
        fill: Fill | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Locational marginal prices.

        Of many locations, over any range. Without `resample` the prices as they were published,
        each with its interval in UTC and on the market's own clock. With `resample` and `agg`
        their aggregates by hour, day, week, month or year of the market's clock, with the
        number of intervals there are and how many were to be expected. `block` keeps the hours
        of a block, by the calendar of each market.

        `GET /v2/iso/lmp`

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA. Of: DAY_AHEAD, REAL_TIME, FIFTEEN_MINUTE,
            FIVE_MINUTE, HOUR_AHEAD.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them. Of:
            NODE, ZONE, HUB, SYSTEM, AGGREGATE, INTERFACE, RESOURCE, OTHER.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a
            zone's.
        label: Which end of the interval `local` shows.
        start: First time of the range.
        end: End of the range, which does not count.
        block: Only hours of this block of each market's calendar, as ON_PEAK, 5x16 or ATC.
        vintage: Prices as their publisher had released them by this moment: of each
            interval the newest issue. What is not known when it was released is not shown.
        resample: Sum up by the market's own hours, days…; `all` makes one number of the
            range from `start` to `end`, `none` is as if it were absent.
        below: Only prices below this one.
        agg: With `resample`: which aggregates; the mean if absent. Of: mean, min, max, sum,
            std, count, first, last.
        price: With `resample`: of which price; else the total.
        fill: With `resample`: show empty buckets as nulls.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: iso, market,
            location_id, location_name, location_type, zone, hub, local, interval_minutes,
            series_key, delivery_date, interval_start, interval_end, interval_seconds,
            hour_beginning, hour_ending, utc_offset, block_hour, is_peak_day, price_total,
            price_energy, price_congestion, price_loss, price_ghg, status, version, vintage,
            load_id, mean, min, max, sum, std, count, first, last, expected, hours_expected,
            hours_covered, partial.
        """
        return self._rows(
            "/v2/iso/lmp",
            {
                "iso": iso,
                "market": market,
                "location_id": location_id,
                "location_type": location_type,
                "tz": tz,
                "label": label,
                "start": start,
                "end": end,
                "block": block,
                "vintage": vintage,
                "resample": resample,
                "below": below,
                "agg": agg,
                "price": price,
                "fill": fill,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def lmp_latest(
        self,
        *,
        iso: Texts | None = None,
        market: Texts | None = None,
        location_id: Texts | None = None,
        location_type: Texts | None = None,
        tz: str | None = None,
        label: Label | None = None,
        vintage: Moment | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """The newest price of each series.

        A series is a location in one of its market's runs: day-ahead, real-time. One that is
        priced no more keeps its last price.

        `GET /v2/iso/lmp/latest`

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA. Of: DAY_AHEAD, REAL_TIME, FIFTEEN_MINUTE,
            FIVE_MINUTE, HOUR_AHEAD.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them. Of:
            NODE, ZONE, HUB, SYSTEM, AGGREGATE, INTERFACE, RESOURCE, OTHER.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a
            zone's.
        label: Which end of the interval `local` shows.
        vintage: Prices as their publisher had released them by this moment: of each
            interval the newest issue. What is not known when it was released is not shown.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: iso, market,
            location_id, location_name, location_type, zone, hub, local, interval_minutes,
            series_key, delivery_date, interval_start, interval_end, interval_seconds,
            hour_beginning, hour_ending, utc_offset, block_hour, is_peak_day, price_total,
            price_energy, price_congestion, price_loss, price_ghg, status, version, vintage,
            load_id.
        """
        return self._rows(
            "/v2/iso/lmp/latest",
            {
                "iso": iso,
                "market": market,
                "location_id": location_id,
                "location_type": location_type,
                "tz": tz,
                "label": label,
                "vintage": vintage,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def lmp_negative(
        self,
        *,
        iso: Texts | None = None,
        market: Texts | None = None,
        location_id: Texts | None = None,
        location_type: Texts | None = None,
        tz: str | None = None,
        label: Label | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        block: Block | None = None,
        vintage: Moment | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Prices below zero, the cheapest first.

        Without a range those of the seven days that end with the newest interval of each
        market, not with the clock.

        `GET /v2/iso/lmp/negative`

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA. Of: DAY_AHEAD, REAL_TIME, FIFTEEN_MINUTE,
            FIVE_MINUTE, HOUR_AHEAD.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them. Of:
            NODE, ZONE, HUB, SYSTEM, AGGREGATE, INTERFACE, RESOURCE, OTHER.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a
            zone's.
        label: Which end of the interval `local` shows.
        start: First time of the range.
        end: End of the range, which does not count.
        block: Only hours of this block of each market's calendar, as ON_PEAK, 5x16 or ATC.
        vintage: Prices as their publisher had released them by this moment: of each
            interval the newest issue. What is not known when it was released is not shown.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: iso, market,
            location_id, location_name, location_type, zone, hub, local, interval_minutes,
            series_key, delivery_date, interval_start, interval_end, interval_seconds,
            hour_beginning, hour_ending, utc_offset, block_hour, is_peak_day, price_total,
            price_energy, price_congestion, price_loss, price_ghg, status, version, vintage,
            load_id.
        """
        return self._rows(
            "/v2/iso/lmp/negative",
            {
                "iso": iso,
                "market": market,
                "location_id": location_id,
                "location_type": location_type,
                "tz": tz,
                "label": label,
                "start": start,
                "end": end,
                "block": block,
                "vintage": vintage,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def locations(
        self,
        *,
        iso: Texts | None = None,
        prefix: str | None = None,
        location_type: Texts | None = None,
        zone: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Locations of market operators: hubs, zones, nodes, interfaces.

        What the publishers' own files say of them. Start here to find the ids of the locations
        you need.

        `GET /v2/iso/locations`

        iso: Market operators, in any case.
        prefix: How its id or its name begins, in any case.
        location_type: Kinds of location. Of: NODE, ZONE, HUB, SYSTEM, AGGREGATE, INTERFACE,
            RESOURCE, OTHER.
        zone: Zones, exactly as they are written.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: iso, location_id,
            location_name, location_type, zone, hub, timezone, as_of.
        """
        return self._rows(
            "/v2/iso/locations",
            {
                "iso": iso,
                "prefix": prefix,
                "location_type": location_type,
                "zone": zone,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def series(
        self,
        *,
        iso: Texts | None = None,
        market: Texts | None = None,
        location_id: Texts | None = None,
        location_type: Texts | None = None,
        zone: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Series of prices, with their ends.

        What is priced, of which place and in which market, since when and until when, and by
        which load the newest price came.

        `GET /v2/iso/series`

        iso: Market operators, in any case.
        market: Markets, as DAY_AHEAD or DA. Of: DAY_AHEAD, REAL_TIME, FIFTEEN_MINUTE,
            FIVE_MINUTE, HOUR_AHEAD.
        location_id: Locations by the publisher's id or by name, in any case.
        location_type: Kinds of location, as far as the publishers' files say them. Of:
            NODE, ZONE, HUB, SYSTEM, AGGREGATE, INTERFACE, RESOURCE, OTHER.
        zone: Zones, exactly as they are written.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: series_key, iso,
            market, location_id, location_name, location_type, zone, first_start,
            last_start, last_end, interval_minutes, intervals_expected, last_load.
        """
        return self._rows(
            "/v2/iso/series",
            {
                "iso": iso,
                "market": market,
                "location_id": location_id,
                "location_type": location_type,
                "zone": zone,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def spreads(
        self,
        *,
        leg_a: str,
        leg_b: str,
        tz: str | None = None,
        label: Label | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        block: Block | None = None,
        vintage: Moment | None = None,
        resample: IsoSpreadsResample | None = None,
        price: Price | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Differences of two series, as one series.

        Leg a less leg b wherever both have prices: a node less its hub, day-ahead less real-
        time. Both are summed up by the same buckets first, so that hourly and five-minute
        prices meet.

        `GET /v2/iso/spreads`

        leg_a: The series to take from: operator, market and place.
        leg_b: The series that is taken: operator, market and place.
        tz: On whose clock `local` is shown and dates are read: each market's own, or a
            zone's.
        label: Which end of the interval `local` shows.
        start: First time of the range.
        end: End of the range, which does not count.
        block: Only hours of this block of each market's calendar, as ON_PEAK, 5x16 or ATC.
        vintage: Prices as their publisher had released them by this moment: of each
            interval the newest issue. What is not known when it was released is not shown.
        resample: By the market's own hours, days…; `all` is one number of `start` to `end`.
        price: Of which price; the total if absent.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: interval_start,
            interval_end, local, delivery_date, mean_a, mean_b, spread, count_a, count_b,
            hours_expected, hours_covered, partial.
        """
        return self._rows(
            "/v2/iso/spreads",
            {
                "leg_a": leg_a,
                "leg_b": leg_b,
                "tz": tz,
                "label": label,
                "start": start,
                "end": end,
                "block": block,
                "vintage": vintage,
                "resample": resample,
                "price": price,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )


class Metadata(Group):
    """Reference data: trading calendars, units, and the catalogues of markets and products."""

    def calendars(
        self,
        *,
        name: Texts | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Trading calendars.

        One row per calendar: its clock, the weekdays that have a peak, whose holidays it keeps,
        and its blocks.

        `GET /v2/metadata/calendars`

        name: Trading calendars. Of: pjm, nyiso, isone, miso, miso_tariff, ercot, spp,
            caiso, wecc, eu_base.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: name, timezone,
            peak_weekdays, holidays, blocks, convention, source.
        """
        return self._rows(
            "/v2/metadata/calendars",
            {
                "name": name,
                "fields": fields,
            },
            limit,
        )

    def calendars_hours(
        self,
        *,
        start: Day,
        calendar: Calendar,
        block: str,
        end: Day | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """The hours of a block.

        One row per hour, by local clock and in UTC, from `start` to before `end`, 366 days at
        the most. The rows of an hour that comes twice differ in the offset.

        `GET /v2/metadata/calendars/hours`

        start: The first day, or a whole month.
        calendar: The trading calendar.
        block: Block of the calendar, by any name that it goes by.
        end: The day after the last, or the month; if absent, the range is what `start` is.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: calendar, block,
            hour_beginning, interval_start, delivery_date, hour_ending.
        """
        return self._rows(
            "/v2/metadata/calendars/hours",
            {
                "start": start,
                "calendar": calendar,
                "block": block,
                "end": end,
                "fields": fields,
            },
            limit,
        )

    def calendars_holidays(
        self,
        *,
        start: Day,
        end: Day | None = None,
        calendar: Texts | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Holidays of trading calendars.

        On the days on which they are kept: one that falls on a Sunday is kept on the Monday
        after, one on a Saturday stays. A calendar whose peak ignores holidays has none.

        `GET /v2/metadata/calendars/holidays`

        start: The first day, or a whole month.
        end: The day after the last, or the month; if absent, the range is what `start` is.
        calendar: Trading calendars; all if absent. Of: pjm, nyiso, isone, miso,
            miso_tariff, ercot, spp, caiso, wecc, eu_base.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: calendar, date, name.
        """
        return self._rows(
            "/v2/metadata/calendars/holidays",
            {
                "start": start,
                "end": end,
                "calendar": calendar,
                "fields": fields,
            },
            limit,
        )

    def calendars_months(
        self,
        *,
        calendar: Calendar,
        months: str,
        block: Texts | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """How many hours a block has in each month.

        With holidays, and with the hour that the clock skips or repeats.

        `GET /v2/metadata/calendars/months`

        calendar: The trading calendar.
        months: A month, or a range of months without its end; 120 at most.
        block: Blocks of the calendar, by any name; all if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: calendar, block, month,
            hours.
        """
        return self._rows(
            "/v2/metadata/calendars/months",
            {
                "calendar": calendar,
                "months": months,
                "block": block,
                "fields": fields,
            },
            limit,
        )

    def units(
        self,
        *,
        prefix: str | None = None,
        currency: Texts | None = None,
        per_unit: Texts | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """How sources write units of prices.

        Each text that is understood, without blanks and in one of its cases, and what it means.

        `GET /v2/metadata/units`

        prefix: How the source's text begins, in any case.
        currency: Currencies.
        per_unit: What the price is per, exactly: MWh, therm.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: units_raw, unit,
            currency, per_unit.
        """
        return self._rows(
            "/v2/metadata/units",
            {
                "prefix": prefix,
                "currency": currency,
                "per_unit": per_unit,
                "fields": fields,
            },
            limit,
        )

    def isos(
        self,
        *,
        iso: Texts | None = None,
        timezone: Texts | None = None,
        calendar: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Market operators.

        With the clock that each market goes by, and its trading calendar.

        `GET /v2/metadata/isos`

        iso: Market operators.
        timezone: Their clocks, as IANA names.
        calendar: Their trading calendars. Of: pjm, nyiso, isone, miso, miso_tariff, ercot,
            spp, caiso, wecc, eu_base.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: iso, name, timezone,
            calendar.
        """
        return self._rows(
            "/v2/metadata/isos",
            {
                "iso": iso,
                "timezone": timezone,
                "calendar": calendar,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def markets(
        self,
        *,
        iso: Texts | None = None,
        market: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Markets of the operators.

        With the interval for which a price holds.

        `GET /v2/metadata/markets`

        iso: Market operators.
        market: Markets, as DAY_AHEAD or DA. Of: DAY_AHEAD, REAL_TIME, FIFTEEN_MINUTE,
            FIVE_MINUTE, HOUR_AHEAD, SETTLEMENT.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: iso, market,
            interval_minutes.
        """
        return self._rows(
            "/v2/metadata/markets",
            {
                "iso": iso,
                "market": market,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def blocks(
        self,
        *,
        block: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Blocks of hours.

        What each is called, and how many hours a plain week has of it.

        `GET /v2/metadata/blocks`

        block: Blocks of hours, by any name that they go by.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: block, name,
            hours_a_week.
        """
        return self._rows(
            "/v2/metadata/blocks",
            {
                "block": block,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )

    def loads(
        self,
        *,
        feed: Texts | None = None,
        sha256: Texts | None = None,
        state: Texts | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """The loads behind the numbers.

        Which file brought them, its SHA-256, when its rows could first be seen, and what became
        of them. The newest come first. Every row of a list has `load_id` among its columns.

        `GET /v2/loads`

        feed: What read the files, exactly: curves.csv, iso.pjm_lmp.
        sha256: SHA-256 of the files, as `sha256sum` prints it.
        state: Whether they said anything new. Of: published, unchanged.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: load_id, feed, file,
            sha256, state, ended_at, demo, new, revised, closed, same, older, quarantined,
            flagged, retracts, removed_by.
        """
        return self._rows(
            "/v2/loads",
            {
                "feed": feed,
                "sha256": sha256,
                "state": state,
                "fields": fields,
            },
            limit,
        )

    def loads_one(
        self,
        load_id: int,
        *,
        fields: Texts | None = None,
    ) -> dict[str, Any]:
        """One load.

        `data` is the row itself.

        `GET /v2/loads/{load_id}`

        load_id: The load, as rows name it in `load_id`.
        fields: Which columns, in the order wanted; `*` for all. Of: load_id, feed, file,
            sha256, state, ended_at, demo, new, revised, closed, same, older, quarantined,
            flagged, retracts, removed_by.
        """
        return self._row(
            path_of("/v2/loads/{load_id}", load_id=load_id),
            {
                "fields": fields,
            },
        )

    def products(
        self,
        *,
        product: Texts | None = None,
        commodity: Texts | None = None,
        unit: Texts | None = None,
        known_at: Moment | None = None,
        limit: int | None = None,
        fields: Texts | None = None,
    ) -> Rows:
        """Products.

        What each is, and what its price is in.

        `GET /v2/metadata/products`

        product: Products, exactly.
        commodity: What is delivered: power, gas, renewable.
        unit: What prices are in, exactly.
        known_at: Answer with what was known at this instant. Now if absent.
        limit: How many rows in all; every row that matches if absent.
        fields: Which columns, in the order wanted; `*` for all. Of: product, name,
            commodity, unit.
        """
        return self._rows(
            "/v2/metadata/products",
            {
                "product": product,
                "commodity": commodity,
                "unit": unit,
                "known_at": known_at,
                "fields": fields,
            },
            limit,
        )


class Groups:
    """The routes, by what they are about."""

    def __init__(self, transport: Transport) -> None:
        self.curves = Curves(transport)
        self.iso = Iso(transport)
        self.metadata = Metadata(transport)
