"""docs/architecture.md: it names the parts that there are, and all of them."""

import re
import tomllib

from aurum.domains import domains
from tests.test_docs import DOCS, ROOT

PAGE = (DOCS / "architecture.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
ROOMS = {
    (container, room)
    for contract in CONTRACTS["contracts"]
    for container in contract.get("containers", ())
    for layer in (*contract["layers"], *contract.get("exhaustive_ignores", ()))
    for room in re.findall(r"\w+", layer)
}
OPTIONAL = {"models.py"}
"""Rooms that a domain may have, and none has yet."""


def test_every_room_of_the_import_contracts_is_on_the_page() -> None:
    assert len(ROOMS) > 30
    for container, room in ROOMS:
        home = "aurum/" if container == "aurum" else ""
        assert f"`{home}{room}/`" in PAGE or f"`{home}{room}.py`" in PAGE, f"{container}.{room}"


def test_every_folder_and_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`([\w/]+(?:/|\.py))`", PAGE))
    homes = (ROOT, *(ROOT / domain.name for domain in domains()))
    assert len(named) > 30
    for name in named - OPTIONAL:
        assert any((home / name.removesuffix("/")).exists() for home in homes), name


def test_the_glossary_has_at_most_fifteen_words() -> None:
    words = PAGE.partition("## Glossary")[2].partition("\n## ")[0]
    assert 10 <= len(re.findall(r"^\| \w", words, re.M)) - 1 <= 15
