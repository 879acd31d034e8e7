"""`manage.py load` of zip archives."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Api
from tests.factories import nymex
from tests.ops.conftest import Command
from tests.ops.load_files import JULY, load_of


def archive(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in members.items():
            whole.writestr(name, content)
    return path


def test_of_an_archive_it_takes_what_the_feed_knows_and_lists_the_rest(
    load: Command, inbox: Path, api: Api
) -> None:
    whole = archive(
        inbox / "may.zip",
        {
            "forward-curve_2026-05-29.json": nymex(JULY, "2026-05-29"),
            "older/forward-curve_2026-05-28.json": nymex(JULY, "2026-05-28"),
            "notes": "nothing to load",
        },
    )
    outcome = load("curves.nymex", whole)
    assert outcome.status == 0
    assert [line.split(", ")[0] for line in outcome.lines] == [
        f"{whole}/notes: not taken",
        *(
            f"may.zip/{name}: load {load_of(name[-15:-5])} of curves.nymex"
            for name in ("forward-curve_2026-05-29.json", "older/forward-curve_2026-05-28.json")
        ),
    ]
    assert len(api.rows("/v1/curves?asof=2026-05-28")) == 3


@pytest.mark.parametrize("keep", [0.3, 0.97])
def test_an_archive_that_is_cut_off_is_refused(load: Command, inbox: Path, keep: float) -> None:
    path = archive(inbox / "may.zip", {"forward-curve_2026-05-29.json": nymex(JULY)})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    outcome = load("curves.nymex", path)
    assert outcome.status == 1
    assert outcome.err == f"{path}: refused, this is not a zip archive, or it is cut off\n"


def flip_a_byte(content: bytearray) -> None:
    content[120] ^= 0xFF


def ask_for_a_password(content: bytearray) -> None:
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1


def lose_the_beginning(content: bytearray) -> None:
    del content[:120]


@pytest.mark.parametrize("spoil", [flip_a_byte, ask_for_a_password, lose_the_beginning])
def test_a_member_that_cannot_be_unpacked_is_refused_and_the_others_load(
    load: Command, inbox: Path, spoil: Callable[[bytearray], None]
) -> None:
    path = archive(
        inbox / "may.zip",
        {
            "forward-curve_2026-05-28.json": nymex(JULY, "2026-05-28"),
            "forward-curve_2026-05-29.json": nymex(JULY, "2026-05-29"),
        },
    )
    content = bytearray(path.read_bytes())
    spoil(content)
    path.write_bytes(content)
    outcome = load("curves.nymex", path)
    assert outcome.status == 1
    assert outcome.err.startswith(
        "may.zip/forward-curve_2026-05-28.json: refused, it cannot be unpacked: "
    )
    assert [line.split(":")[0] for line in outcome.lines] == [
        "may.zip/forward-curve_2026-05-29.json"
    ]
