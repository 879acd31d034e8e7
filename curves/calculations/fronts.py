"""The prompt month: of a valuation date the first month listed whose contract has not expired."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curves.calculations.strips import trades

FRONT = "front"
"""Asked for as `contract_month`."""

READ = ("contract_month", "expiry_date")


def fronts_of(
    day: Sequence[Mapping[str, Any]], labels: Sequence[str] | None
) -> Iterator[Mapping[str, Any]]:
    """The rows of the front month of each price type, only those with one of `labels` if given.

    `day` are all months of one curve on one valuation date, with READ beside its key.
    """
    first: dict[str, str] = {}
    for row in day:
        kind, month = row["price_type"], row["contract_month"]
        if month is not None and trades(row):
            first[kind] = min(month, first.get(kind, month))
    for row in day:
        month = row["contract_month"]
        is_front = month is not None and month == first.get(row["price_type"])
        if is_front and (labels is None or row["tenor_label"] in labels):
            yield row
