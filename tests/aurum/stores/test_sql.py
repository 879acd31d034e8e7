"""The composer: one text, every dialect, values never in it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.stores.sql import DIALECTS, Key, Select, compose, past, reversed_order
from curves.v1 import dao

TEXT = st.one_of(
    st.none(), st.text(), st.sampled_from(["' OR 1=1 --", "%(x)s", ":w_curve", "{where}"])
)
FILTERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("curve_key", "iso", "location", "asof", "tenor_type"), TEXT)
)


@given(FILTERS, st.sampled_from(DIALECTS))
def test_no_input_changes_the_text(filters: dict[str, Any], dialect: str) -> None:
    """Only which filters are there may change it."""
    plain = {name: None if value in (None, "") else "x" for name, value in filters.items()}
    filters = {name: value if plain[name] else None for name, value in filters.items()}
    assert compose(dao._points(filters), dialect) == compose(dao._points(plain), dialect)


def test_each_dialect_binds_in_its_own_way() -> None:
    question = Select("SELECT {columns} FROM t WHERE {where}", ("a",), ("t.a = :a",))
    assert compose(question, "sqlite") == "SELECT a FROM t WHERE t.a = :a"
    assert compose(question, "postgres") == "SELECT a FROM t WHERE t.a = %(a)s"


def test_the_snapshot_is_two_bounds_on_the_load() -> None:
    question = Select("SELECT a FROM t AS o WHERE {snapshot(o, t)}")
    assert compose(question, "sqlite") == (
        "SELECT a FROM t AS o WHERE o.load_id <= :w_t AND o.superseded_by > :w_t"
    )


def test_an_index_is_entered_at_the_place_and_ties_are_exact() -> None:
    order = (Key("a", "o.a"), Key("b", "o.b", nulls="9999-12-31"), Key("c", "o.c"))
    assert past(order).startswith("(o.a) >= (:after_a) AND (o.a > :after_a OR (")
    assert past(reversed_order(order)).startswith("(o.a) <= (:after_a) AND (o.a < :after_a OR (")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_texts_are_composed_once_a_shape(dialect: str) -> None:
    question = dao._points({"iso": "PJM"})
    compose(question, dialect)
    before = compose.cache_info().misses
    assert compose(dao._points({"iso": "ERCOT"}), dialect)
    assert compose.cache_info().misses == before
