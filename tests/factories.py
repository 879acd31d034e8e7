"""Made-up files, in the publishers' forms."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

MONTH_CODES = "FGHJKMNQUVXZ"
NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NG = {"asset_class": "gas", "region": "US", "location": "Henry Hub", "market": "NYMEX"}


def nymex(
    prices: Mapping[str, Any],
    asof: str = "2026-05-29",
    expiry: Mapping[str, str] | None = None,
    **more: Any,
) -> str:
    """A snapshot of `{"2026-07": 3.27, …}` as the quote page's collector writes it."""
    quotes = []
    for label, price in prices.items():
        year, month = (int(part) for part in label.split("-"))
        code = f"NG{MONTH_CODES[month - 1]}{year % 100:02}"
        quotes.append(
            {
                "contract": f"{NAMES[month - 1]} {year}",
                "symbol": f"{code}.NYM",
                "month": month,
                "year": year,
                "cmeCode": code,
                "price": price,
                "volume": 10,
                **({"expiryDate": expiry[label]} if expiry and label in expiry else {}),
            }
        )
    return json.dumps({"lastUpdated": f"{asof}T22:29:26.355Z", "data": quotes, **more}, indent=2)


def curve_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str] | None = None) -> str:
    """Aurum's own CSV; a row takes PJM West on-peak power where it does not say otherwise."""
    whole = [{**PJM_WEST, **row} for row in rows]
    names = list(columns or dict.fromkeys(name for row in whole for name in row))
    lines = [",".join(names)]
    lines += [",".join(str(row.get(name, "")) for name in names) for row in whole]
    return "\n".join(lines) + "\n"


PJM_WEST = {
    "asset_class": "power",
    "iso": "PJM",
    "region": "US",
    "location": "West",
    "market": "DA",
    "product": "power",
    "block": "ON_PEAK",
    "asof_date": "2025-09-12",
}
PJM_WEST_KEY = "88f36bff1a6b643841b2f247a154564b5d17b24184c669309f40c2dd12977b6f"


def months(
    first: str, count: int, price: float = 50.0, step: float = 1.0, **more: Any
) -> list[dict[str, Any]]:
    """`count` monthly rows from `first` on, each `step` dearer than the one before."""
    year, month = (int(part) for part in first.split("-"))
    rows = []
    for number in range(count):
        at = month - 1 + number
        label = f"{year + at // 12}-{at % 12 + 1:02}"
        rows.append({"contract_month": label, "mid": price + step * number, **more})
    return rows
