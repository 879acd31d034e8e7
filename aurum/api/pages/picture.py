"""The points of a picture of a page of rows, by series."""

from collections import Counter
from typing import Any, Final

from aurum.api.envelope import units_of
from aurum.query import Query
from aurum.results import Plot, Result
from aurum.stores.tables import Column

MOST_SERIES: Final = 20
LONGEST: Final = 40
"""Characters of a value that names a series."""
Spec = dict[str, Any]
Point = dict[str, Any]


class Picture:
    """The points of a plot of a page, by series.

    A series is named by those columns of the plot in which the rows differ; what they have in
    common is said once, above.
    """

    def __init__(self, plot: Plot, query: Query, result: Result) -> None:
        self.plot, self.query = plot, query
        self.live = query.format == "vegalite"
        self.rows = result.page.dicts()
        self.more = result.page.after is not None
        columns = [query.schema.by_name[name] for name in query.columns]
        self.units = units_of(columns, result.page)
        self.y = [name for name in plot.y if any(row.get(name) is not None for row in self.rows)]
        by = [name for name in plot.by if name in query.columns]
        values = {name: {row[name] for row in self.rows} - {None} for name in by}
        self._differ = [name for name in by if len(values[name]) > 1]
        self._common = [_short(next(iter(v))) for n, v in values.items() if len(v) == 1]
        self.series: dict[str, list[Point]] = {}
        self._labels: dict[tuple[Any, ...], str] = {}
        self._fill()

    def _fill(self) -> None:
        seen: Counter[tuple[Any, ...]] = Counter()
        for row in self.rows:
            x = row[self.plot.x]
            if x is None:
                continue
            values = tuple(row[column] for column in self._differ)
            for name in self.y:
                if row[name] is None:
                    continue
                # Rows that the plot does not tell apart are two lines, and never one.
                seen[values, name, x] += 1
                of = values, name, seen[values, name, x]
                if of not in self._labels:
                    if len(self._labels) == MOST_SERIES:
                        self.more = True
                        continue
                    self._labels[of] = self._label(*of)
                self.series.setdefault(self._labels[of], []).append({**row, "v": row[name]})

    def _label(self, values: tuple[Any, ...], name: str, number: int) -> str:
        """What the series of these values is called: in short, where no other is called so."""
        told = [value for value in values if value is not None]
        last = [name] if len(self.y) > 1 or not told else []
        last += [f"({number})"] if number > 1 else []
        label = " ".join([*map(_short, told), *last])
        if label in self._labels.values():
            label = ", ".join([*map(str, told), *last])
        if label in self._labels.values():
            label += f" ({len(self._labels)})"
        return label

    @property
    def x_column(self) -> Column:
        return self.query.schema.by_name[self.plot.x]

    @property
    def title(self) -> Spec:
        words = " ".join(self._common) or self.query.schema.name
        return {"text": words, "subtitle": "Not all that matches: narrow it." if self.more else ""}

    @property
    def y_title(self) -> str:
        units = {self.units[name] for name in self.y if name in self.units}
        unit = units.pop() if len(units) == 1 else ""
        return f"{', '.join(self.y)} {f'[{unit}]' if unit and unit[0] != '=' else ''}".strip()

    def points(self) -> list[Point]:
        return [point for points in self.series.values() for point in points]


def _short(value: Any) -> str:
    """A hash by how it begins."""
    text = str(value)
    return f"{text[:10]}…" if len(text) > LONGEST else text
