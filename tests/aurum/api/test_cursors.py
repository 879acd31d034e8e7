"""Cursors as functions; what they do over HTTP is in the contract."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.api import cursors
from aurum.errors import BadCursor
from aurum.snapshot import WATERMARKS, Snapshot, Watermark
from aurum.stores.paging import CursorPosition

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VALUES = st.lists(
    st.one_of(st.none(), st.text(max_size=20), st.floats(allow_nan=False, allow_infinity=False)),
    max_size=6,
)
FILTERS = st.dictionaries(
    st.text(max_size=8), st.one_of(st.none(), st.text(max_size=8)), max_size=4
)
MARKS = st.builds(
    Snapshot,
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 2**62), max_size=2),
    st.sampled_from([None, NOW]),
)


@given(VALUES, st.booleans(), FILTERS, MARKS)
def test_what_goes_in_comes_out(values, backward, filters, marks) -> None:
    position = CursorPosition(tuple(values), backward)
    token = cursors.encode_cursor("s", position, filters, marks)
    if len(token) <= cursors.MAX_LENGTH:
        found = cursors.decode_cursor(token, "s", filters, field="cursor")
        assert found == cursors.Cursor(position, marks)


@given(st.data())
def test_no_altered_cursor_is_taken(data) -> None:
    token = cursors.encode_cursor(
        "s", CursorPosition(("a", None)), {"iso": "PJM"}, Snapshot({"curve": 7}, NOW)
    )
    index = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[index]))
    with pytest.raises(BadCursor):
        cursors.decode_cursor(
            token[:index] + letter + token[index + 1 :], "s", {"iso": "PJM"}, field="cursor"
        )


def test_a_filter_that_is_not_given_counts_as_absent() -> None:
    token = cursors.encode_cursor("s", CursorPosition(()), {"iso": None}, Snapshot({}, None))
    assert cursors.decode_cursor(token, "s", {}, field="cursor")


def test_it_expires_when_the_load_after_its_own_is_older_than_cursors_live() -> None:
    token = cursors.encode_cursor("s", CursorPosition(()), {}, Snapshot({"curve": 7}, NOW))
    WATERMARKS.value = {"curve": Watermark(9, 7, NOW)}
    try:
        assert cursors.decode_cursor(token, "s", {}, field="cursor")
        WATERMARKS.value = {"curve": Watermark(9, 8, NOW)}
        with pytest.raises(BadCursor, match="expired"):
            cursors.decode_cursor(token, "s", {}, field="cursor")
    finally:
        WATERMARKS.value = {}


def test_a_payload_of_another_release_is_refused_though_it_is_signed() -> None:
    payload = msgspec.json.encode(["s", False])
    token = cursors._text(cursors._signature(payload) + payload)
    with pytest.raises(BadCursor, match="another version"):
        cursors.decode_cursor(token, "s", {}, field="cursor")


def test_a_next_cursor_is_not_a_prev_cursor() -> None:
    assert cursors.normalize_cursor_input({"prev_cursor": "x"}) == ("prev_cursor", "x")
    assert cursors.normalize_cursor_input({"limit": 3}) is None
    assert cursors.normalize_cursor_input({"offset": 0}) is None
    with pytest.raises(BadCursor, match="either offset or cursor"):
        cursors.normalize_cursor_input({"cursor": "x", "offset": 0})
