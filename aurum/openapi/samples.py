"""How each operation is called from a shell, from Python, and into a data frame."""

from urllib.parse import parse_qsl

from aurum.openapi import EXAMPLE_ORIGIN

_CURL = """\
curl -H 'X-API-Key: <your key>' \\
  '{url}'"""
_HTTPX = """\
import httpx

answer = httpx.get(
    "{address}",{params}
    headers={{"X-API-Key": "<your key>"}},
)
answer.raise_for_status()
data = answer.json()["data"]"""
_PANDAS = """\
import pandas as pd

frame = pd.read_csv(
    "{url}",
    storage_options={{"X-API-Key": "<your key>"}},
)"""


def samples_of(path: str, query: str, *, has_csv: bool) -> list[dict[str, str]]:
    """The samples of a path with its example query, as Redoc reads them (`x-codeSamples`).

    They name the server of the examples, which the one that serves them puts itself in place of.
    """
    address = f"{EXAMPLE_ORIGIN}{path}"
    url = f"{address}?{query}".rstrip("?")
    samples = [
        {"lang": "Shell", "label": "curl", "source": _CURL.format(url=url)},
        {"lang": "Python", "label": "httpx", "source": _httpx(address, query)},
    ]
    if has_csv:
        csv = f"{address}?{query}&format=csv".replace("?&", "?")
        samples.append({"lang": "Python", "label": "pandas", "source": _PANDAS.format(url=csv)})
    return samples


def _httpx(address: str, query: str) -> str:
    lines = "".join(f'\n        "{name}": "{value}",' for name, value in parse_qsl(query))
    params = f"\n    params={{{lines}\n    }}," if lines else ""
    return _HTTPX.format(address=address, params=params)
