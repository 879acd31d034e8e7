"""What is asked of Aurum, and of the peers for the same rows."""

from typing import NamedTuple

from benchmarks.market import curve_name, node_name

CURVE_FIELDS = (
    "curve_key,asof_date,tenor_label,tenor_type,contract_month,price_type,mid,bid,ask,unit"
)
PRICE_FIELDS = "interval_start,price_total,price_energy,price_congestion,price_loss"
VISIBLE = "load_id <= 1000000 AND superseded_by > 1000000"
PRICES = f"FROM iso_lmp WHERE series_key = ? AND {VISIBLE}"
LMP = "/v2/iso/lmp?iso=PJM&location_id={key}&limit=1000"
CURVE_PAGE = (
    f"SELECT {CURVE_FIELDS} FROM curve_observation WHERE curve_key = ? AND {VISIBLE}"
    " ORDER BY curve_key, asof_date, tenor_label, price_type LIMIT "
)
DAILY = f"SELECT delivery_date, AVG(price_total), COUNT(*) {PRICES} GROUP BY 1 ORDER BY 1"
ON_PEAK = (
    f"SELECT SUBSTR(CAST(delivery_date AS TEXT), 1, 7), AVG(price_total), COUNT(*) {PRICES}"
    " AND is_peak_day = 1 AND hour_beginning BETWEEN 7 AND 22 GROUP BY 1 ORDER BY 1"
)


class Question(NamedTuple):
    """`path` of Aurum, `sql` of the bare peer, `peer` of FastAPI, each of one key.

    The bare peer encodes a page as objects, as the answer has it, or as lists where it is an
    aggregate. `same` says whether the rows are the same, column by column.
    """

    path: str
    sql: str
    peer: str = ""
    as_objects: bool = False
    same: bool = True

    @property
    def of_curves(self) -> bool:
        return "curve_key" in self.path


QUESTIONS = {
    "page of 100 curve prices": Question(
        "/v2/curves/observations?curve_key={key}&asof_date=all&limit=100",
        CURVE_PAGE + "100", "/orjson?curve_key={key}&limit=100", as_objects=True,
    ),
    "page of 1,000 curve prices": Question(
        "/v2/curves/observations?curve_key={key}&asof_date=all&limit=1000",
        CURVE_PAGE + "1000", "/orjson?curve_key={key}&limit=1000", as_objects=True,
    ),
    "page of 1,000 prices": Question(
        f"{LMP}&fields={PRICE_FIELDS}",
        f"SELECT {PRICE_FIELDS} {PRICES} ORDER BY delivery_date, interval_start LIMIT 1000",
    ),
    "daily means of a year": Question(
        f"{LMP}&resample=day&fields=delivery_date,mean,count", DAILY
    ),
    "daily means of a year, all fields": Question(f"{LMP}&resample=day", DAILY, same=False),
    "on-peak months of a year": Question(
        f"{LMP}&resample=month&block=ON_PEAK&fields=delivery_date,mean,count", ON_PEAK, same=False
    ),
}  # fmt: skip


def keys(question: Question, first: int, count: int) -> list[str]:
    name = curve_name if question.of_curves else node_name
    return [name(number) for number in range(first, first + count)]


def bare_keys(question: Question, names: list[str]) -> list[str]:
    return [name if question.of_curves else f"PJM:DAY_AHEAD:{name}" for name in names]


def paths(template: str, names: list[str]) -> list[str]:
    return [template.format(key=name) for name in names]


def spelled(path: str, number: int) -> str:
    """The same question in another spelling, with empty parameters that nobody reads: a cache goes
    by the text, and has no answer to it."""
    first, *others = path.split("&")
    for part in others:
        number, extra = divmod(number, 64)
        first += "&" * (1 + extra) + part
    assert number == 0, f"{path} has no more spellings"
    return first
