"""What a picture of a page of rows shows, as a Vega-Lite specification.

One that a browser is to draw itself, `live`, can be zoomed and tells what is under the pointer.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter
from statistics import median
from typing import Final

from aurum.api.pages.clocks import Tick, clock_ticks, hour_of_day, on_peak
from aurum.api.pages.picture import Picture, Point, Spec
from aurum.api.pages.plot_style import CONFIG, GREY, HEIGHT, WIDTH
from aurum.query import Query
from aurum.results import Plot, Result
from aurum.stores.tables import Kind

FEW: Final = 60
"""Points that are shown as dots."""
GAP: Final = 1.5
"""Usual lengths between two points from which on there is a gap between them."""


def specification(plot: Plot, query: Query, result: Result) -> Spec:
    """The whole specification: data, marks, axes. Of no rows it says that there are none."""
    picture = Picture(plot, query, result)
    base = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG}
    size = {"width": WIDTH, "height": HEIGHT}
    if not picture.series:
        return (
            base
            | size
            | {
                "title": {"text": "No rows match.", "color": GREY},
                "data": {"values": []},
                "mark": "point",
            }
        )
    return base | size | {"title": picture.title} | KINDS[plot.kind](picture)


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _with_gaps(series: Mapping[str, Sequence[Point]]) -> list[Point]:
    """The points by series; where some are missing in between, a null, at which a line ends."""
    found: list[Point] = []
    for label, points in series.items():
        ordered = sorted(points, key=itemgetter("x"))
        steps = [b["x"] - a["x"] for a, b in pairwise(ordered) if b["x"] > a["x"]]
        usual = median(steps) if steps else 0
        before: int | None = None
        for point in ordered:
            if before is not None and point["x"] - before > GAP * usual:
                found.append({"x": before + usual, "v": None, "s": label})
            found.append(point)
            before = point["x"]
        if ordered:  # the last interval has a length too
            found.append({**ordered[-1], "x": ordered[-1]["x"] + usual})
    return found


def _color(picture: Picture) -> Spec:
    legend = {} if len(picture.series) > 1 else {"legend": None}
    return {"field": "s", "type": "nominal", "title": None, "sort": None, **legend}


def _y(picture: Picture) -> Spec:
    return {"field": "v", "type": "quantitative", "title": picture.y_title,
            "scale": {"zero": False}}  # fmt: skip


def _readout(picture: Picture, x: str) -> list[Spec]:
    """What a browser shows of the point under the pointer."""
    named = {"t": x, "s": "series", "v": picture.y_title}
    return [{"field": field, "type": "nominal", "title": title} for field, title in named.items()]


def _axis(ticks: Sequence[Tick]) -> Spec:
    """Ticks on the market's own clock: the axis itself is of true time."""
    names = {str(tick.place): tick.label for tick in ticks}
    return {
        "values": [tick.place for tick in ticks],
        "labelExpr": f"({names!r})[time(datum.value)]",
        "labelOverlap": True,
        "title": None,
    }


def _over_time(picture: Picture, *, is_month: bool) -> list[Point]:
    """The points of lines: `x` in milliseconds, the value, the series, and the time as text."""
    x = picture.plot.x
    data: dict[str, list[Point]] = {
        label: [
            {"x": _milliseconds(one[x]), "v": one["v"], "s": label, "t": one.get("local") or one[x]}
            for one in points
        ]
        for label, points in picture.series.items()
    }
    if not is_month:
        return _with_gaps(data)
    return [point for points in data.values() for point in sorted(points, key=itemgetter("x"))]


def _line(picture: Picture) -> Spec:
    is_month = picture.x_column.kind is Kind.DATE
    x, values = picture.plot.x, _over_time(picture, is_month=is_month)
    is_first = all(point[x][-2:] == "01" for point in picture.points()) if is_month else False
    axis: Spec = {"format": "%b %Y" if is_first else "%d %b %Y", "title": None}
    shades: list[Spec] = []
    if not is_month:
        axis = _axis(clock_ticks(picture.points(), picture.query.filters))
        shades = on_peak(picture.points())
    dots: bool | Spec = is_month or len(values) < FEW
    lines: Spec = {
        "data": {"values": values},
        "mark": {
            "type": "line",
            # Of a line without dots there would be nothing to point at.
            "point": dots or ({"opacity": 0, "size": 80} if picture.live else False),
            "strokeWidth": 1.6,
            "interpolate": "linear" if is_month else "step-after",
        },
        "encoding": {
            "x": {"field": "x", "type": "temporal", "scale": {"type": "utc"}, "axis": axis},
            "y": _y(picture),
            "color": _color(picture),
        },
    }
    if picture.live:
        lines["params"] = [{"name": "zoom", "select": "interval", "bind": "scales"}]
        lines["encoding"]["tooltip"] = _readout(picture, x)
    if not shades:
        return lines
    peak = {
        "data": {"values": shades},
        "mark": {"type": "rect", "fill": "#d9a62b", "fillOpacity": 0.16},
        "encoding": {
            "x": {"field": "a", "type": "temporal", "scale": {"type": "utc"}, "axis": axis},
            "x2": {"field": "b"},
        },
    }
    return {"layer": [peak, lines]}


def _bar(picture: Picture) -> Spec:
    x = picture.plot.x
    values = [
        {"x": str(point[x]), "v": point["v"], "s": label}
        for label, points in picture.series.items()
        for point in points
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "tooltip": picture.live},
        "encoding": {
            "x": {"field": "x", "type": "ordinal", "title": None, "sort": None},
            "xOffset": {"field": "s", "sort": None},
            "y": _y(picture) | {"scale": {"zero": True}},
            "color": _color(picture),
        },
    }


def _duration(picture: Picture) -> Spec:
    values = []
    for label, points in picture.series.items():
        ordered = sorted((point["v"] for point in points), reverse=True)
        share = 100 / len(ordered)
        values += [
            {"x": round((n + 0.5) * share, 4), "v": v, "s": label} for n, v in enumerate(ordered)
        ]
    return {
        "data": {"values": values},
        "mark": {"type": "line", "tooltip": picture.live},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": "share of the intervals [%]",
                  "scale": {"domain": [0, 100]}},
            "y": _y(picture),
            "color": _color(picture),
        },
    }  # fmt: skip


def _heat(picture: Picture) -> Spec:
    """Hours of the day over days. A day of 25 hours has a 25th; one of 23 has no 24th."""
    sums: dict[tuple[str, int, str], list[float]] = {}
    for label, points in picture.series.items():
        for point in points:
            key = (point["delivery_date"], hour_of_day(point), label)
            sums.setdefault(key, []).append(point["v"])
    values = [
        {"d": day, "h": hour, "s": label, "v": sum(of) / len(of)}
        for (day, hour, label), of in sums.items()
    ]
    spec: Spec = {
        "data": {"values": values},
        "mark": {"type": "rect", "tooltip": picture.live},
        "encoding": {
            "x": {"field": "d", "type": "ordinal", "title": None,
                  "axis": {"labelOverlap": True, "labelAngle": 0}},
            "y": {"field": "h", "type": "ordinal", "title": "hour of the day"},
            "color": {"field": "v", "type": "quantitative", "title": picture.y_title,
                      "scale": {"scheme": "viridis"}, "legend": {"orient": "right"}},
        },
    }  # fmt: skip
    if len(picture.series) > 1:
        spec["encoding"]["row"] = {"field": "s", "title": None, "header": {"labelColor": GREY}}
    return spec


KINDS = {"line": _line, "bar": _bar, "duration": _duration, "heat": _heat}
