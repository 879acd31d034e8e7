"""The layer of entries, by itself."""

from collections import OrderedDict
from sys import getsizeof
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.cache.memory import ENTRY_BYTES, Entry, MemoryLayer, Usage
from aurum.cache.tags import TagVersions

ENTRY = ENTRY_BYTES + getsizeof("a")
"""Of an entry whose key is a single letter."""

ROOM = 10 * ENTRY


def entry(key: str, size: int = 0, *, namespace: str = "curves", **until: Any) -> Entry:
    moments = {"expires_at": 10.0, "stale_until": 10.0, "error_until": 10.0} | until
    return Entry((namespace, key), key.upper(), size, TagVersions((), ()), **moments)


def held(layer: MemoryLayer) -> list[Any]:
    """The keys, the least recently used first."""
    return [entry.key[1] for entry in layer.entries()]


def filled(*keys: str, max_bytes: int = ROOM, size: int = 0) -> MemoryLayer:
    layer = MemoryLayer(max_bytes)
    for key in keys:
        assert layer.put(entry(key, size), 0.0)
    return layer


def test_what_goes_in_comes_out() -> None:
    found = filled("a", "b").get(("curves", "a"), 0.0)
    assert found is not None
    assert found.value == "A"


def test_the_least_recently_used_goes_first() -> None:
    layer = filled("a", "b", "c", max_bytes=3 * ENTRY)
    layer.get(("curves", "a"), 0.0)
    layer.put(entry("d"), 0.0)
    assert held(layer) == ["c", "a", "d"]


def test_as_many_go_as_the_newcomer_needs() -> None:
    layer = filled("a", "b", "c", "d", max_bytes=4 * ENTRY)
    assert layer.put(entry("e", 2 * ENTRY), 0.0)
    assert held(layer) == ["d", "e"]


def test_what_had_to_make_room_is_counted_where_it_was() -> None:
    layer = filled("a", "b", max_bytes=2 * ENTRY)
    layer.put(entry("c", namespace="iso"), 0.0)
    assert layer.usage() == {
        "curves": Usage(1, ENTRY, evictions=1),
        "iso": Usage(1, ENTRY, evictions=0),
    }


def test_an_entry_that_is_replaced_gives_its_bytes_back() -> None:
    layer = filled("a", "a", size=500)
    assert layer.usage() == {"curves": Usage(1, ENTRY + 500)}


def test_what_alone_is_more_than_all_is_not_kept_nor_what_it_replaces() -> None:
    layer = filled("a", "b")
    assert layer.put(entry("a", ROOM - ENTRY), 0.0)
    assert not layer.put(entry("a", ROOM - ENTRY + 1), 0.0)
    assert held(layer) == []


@pytest.mark.parametrize("last", ["expires_at", "stale_until", "error_until"])
def test_an_entry_is_dropped_once_it_is_past_all_use(last: str) -> None:
    layer = MemoryLayer(ROOM)
    until: dict[str, Any] = {last: 20.0}
    layer.put(entry("a", **until), 0.0)
    assert layer.get(("curves", "a"), 19.9)
    assert layer.get(("curves", "a"), 20.0) is None
    assert layer.usage() == {"curves": Usage(0, 0)}


def test_an_entry_that_is_past_all_use_is_not_kept() -> None:
    layer = filled("a")
    assert not layer.put(entry("a"), 10.0)
    assert held(layer) == []


def test_dropping_an_entry_spares_the_one_in_its_place() -> None:
    layer = filled("a")
    (old,) = layer.entries()
    layer.put(entry("a"), 0.0)
    layer.drop(old)
    assert held(layer) == ["a"]
    layer.drop(layer.entries()[0])
    assert held(layer) == []


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        entry("a", -1)


STEPS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | st.integers(0, 2 * ROOM)))


@given(STEPS)
def test_it_never_holds_more_than_it_may_and_forgets_in_order(
    steps: list[tuple[str, int | None]],
) -> None:
    """Against a model; a step without a size is a look-up."""
    layer, model = MemoryLayer(ROOM), OrderedDict[str, int]()
    for key, size in steps:
        if size is None:
            assert (layer.get(("curves", key), 0.0) is not None) == (key in model)
            if key in model:
                model.move_to_end(key)
            continue
        model.pop(key, None)
        if layer.put(entry(key, size), 0.0):
            model[key] = size + ENTRY
        while sum(model.values()) > ROOM:
            model.popitem(last=False)
        assert held(layer) == list(model)
        used = layer.usage()["curves"] if model else Usage()
        assert used.bytes == sum(model.values()) <= ROOM


def test_a_long_key_is_counted_with_its_value() -> None:
    long = "x" * 10_000
    layer = MemoryLayer(20 * ENTRY)
    for number in range(20):
        key: Any = ("/v2/curves", (f"{long}{number}", None), 7)
        layer.put(Entry(("curves", key), "", 0, TagVersions((), ()), 10.0, 10.0, 10.0), 0.0)
    assert len(layer.entries()) == 1
    assert layer.usage()["curves"].bytes > len(long)
