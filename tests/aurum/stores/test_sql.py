"""The composer: one text, every dialect, values never in it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from aurum.query import Query
from aurum.snapshot import Snapshot
from aurum.stores.composing import compiled
from aurum.stores.dialects import DIALECTS
from aurum.stores.paging import CursorPosition, PageRequest
from aurum.stores.registry import positioned
from aurum.stores.sql import Expression, Select, SortKey, ascending, compose
from aurum.stores.sums import whole
from aurum.stores.tables import Kind
from curves.dao import selection
from curves.v1 import dao
from curves.v1.results import POINTS

TEXT = st.one_of(
    st.none(), st.text(), st.sampled_from(["' OR 1=1 --", "%(x)s", ":w_curve", "@where"])
)
FILTERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("curve_key", "iso", "location", "asof", "tenor_type"), TEXT)
)
COLUMNS = {
    "a": Expression.text("o.a"),
    "b": Expression("o.b", Kind.DATE),
    "c": Expression.integer("o.c"),
}
ROWS = Select("SELECT @columns FROM t AS o WHERE @where ORDER BY @order @page", COLUMNS, ("a",))


@pytest.fixture(autouse=True, scope="module")
def every_name_is_there() -> Iterator[None]:
    """Names go by what curves have for them, which is asked of the store: here each has itself."""

    async def meant(query: Query) -> dict[str, tuple[Any, ...]]:
        filters = query.filters
        return {name: (filters[name],) for name in selection.IN_ANY_CASE if filters.get(name)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "texts_meant", meant)
        yield


def points(loop: asyncio.AbstractEventLoop, filters: dict[str, Any]) -> Select:
    query = Query(POINTS, Snapshot({}, None), filters)
    return loop.run_until_complete(dao._points(query, "curves.test", POINTS.column_names))


@given(FILTERS, st.sampled_from(DIALECTS))
def test_no_input_changes_the_text(
    loop: asyncio.AbstractEventLoop, filters: dict[str, Any], dialect: str
) -> None:
    """Only which filters are there may change it."""
    plain = {name: None if value in (None, "") else "x" for name, value in filters.items()}
    filters = {name: value if plain[name] else None for name, value in filters.items()}
    assert compose(points(loop, filters), dialect) == compose(points(loop, plain), dialect)


@pytest.mark.parametrize(
    ("dialect", "condition"),
    [
        ("sqlite", "o.b = :b"),
        ("postgres", "o.b = CAST(%(b)s AS DATE)"),
        ("clickhouse", "o.b = {b: Date32}"),
        ("trino", "o.b = CAST(:b AS DATE)"),
    ],
)
def test_each_dialect_binds_a_value_with_its_kind(dialect: str, condition: str) -> None:
    select = Select("SELECT @columns FROM t AS o WHERE @where", COLUMNS, ("a",))
    select = select.filtered({"b": "2026-01-01"}, COLUMNS)
    text = compose(select, dialect)
    assert text.endswith(f"WHERE {condition}")
    assert select.values == {"b": "2026-01-01"}


def test_sums_of_whole_numbers_have_room_where_an_engine_would_wrap_around() -> None:
    units = {"n": Expression.integer(f"SUM({whole('o.a')})")}
    text = compose(Select("SELECT @columns FROM t AS o", units, ("n",)), "clickhouse")
    assert "AS Nullable(Int128))" in text


def test_zero_is_selected_without_a_sign() -> None:
    real = {"a": Expression("o.a", Kind.REAL)}
    select = Select("SELECT @columns FROM t AS o ORDER BY @order", real, ("a",), ascending("a"))
    assert compose(select, "postgres") == "SELECT o.a + 0.0 FROM t AS o ORDER BY o.a"


def test_engines_with_comments_are_told_what_a_question_is_called() -> None:
    select = Select("SELECT @columns FROM t AS o", COLUMNS, ("a",), name="curves.test")
    plain = structs.replace(select, name="")
    for dialect in ("postgres", "trino"):
        assert compose(select, dialect) == f"/* curves.test */ {compose(plain, dialect)}"
        other = structs.replace(select, name="curves.other")
        assert compose(other, dialect).startswith("/* curves.other */")
    for dialect in ("sqlite", "clickhouse"):
        assert compose(select, dialect) == compose(plain, dialect)
    for wrong in ("curves */ DROP", "Curves", "%s", ":a"):
        with pytest.raises(ValueError, match="is like curves"):
            compose(structs.replace(select, name=wrong), "postgres")


def test_the_snapshot_is_two_bounds_on_the_load() -> None:
    select = Select("SELECT @columns FROM t AS o WHERE @snapshot(o, t)", COLUMNS, ("a",))
    assert compose(select, "sqlite") == (
        "SELECT o.a FROM t AS o WHERE o.load_id <= :w_t AND o.superseded_by > :w_t"
    )


def test_the_newest_is_the_end_of_an_index_or_an_aggregate() -> None:
    newest = Expression("@newest(t.b WHERE a = o.a)", Kind.DATE)
    select = Select("SELECT @columns FROM s AS o", {"newest": newest}, ("newest",))
    assert "ORDER BY n.b DESC LIMIT 1" in compose(select, "sqlite")
    for dialect in ("clickhouse", "trino"):
        text = compose(select, dialect)
        assert "MAX(n.b)" in text
        assert "LIMIT" not in text


def test_a_value_at_the_newest_is_found_by_what_the_rows_are_ordered_by() -> None:
    unit = Expression.text("@newest(t.c BY b, a WHERE a = o.a)")
    select = Select("SELECT @columns FROM s AS o", {"c": unit}, ("c",))
    assert "ORDER BY n.b DESC, n.a DESC LIMIT 1" in compose(select, "sqlite")
    assert "argMax(n.c, (n.b, n.a))" in compose(select, "clickhouse")
    assert "MAX_BY(n.c, (n.b, n.a))" in compose(select, "trino")


def past(order: tuple[SortKey, ...], *, backward: bool = False, dialect: str = "sqlite") -> str:
    values = tuple("x" for _ in order)
    select = Select(ROWS.sql, COLUMNS, ("a",), order)
    return compose(positioned(select, PageRequest(1, CursorPosition(values, backward))), dialect)


def test_keys_that_run_one_way_are_compared_as_one_row() -> None:
    order = ascending("a", "b", "c")
    assert "(o.a, o.b, o.c) > (:after_a, :after_b, :after_c)" in past(order)
    assert "(o.a, o.b, o.c) < (:after_a, :after_b, :after_c)" in past(order, backward=True)


def test_postgres_goes_back_by_its_first_key_and_never_by_a_row() -> None:
    order = ascending("a", "b")
    text = past(order, backward=True, dialect="postgres")
    assert ") < (" not in text
    assert "WHERE o.a <= CAST(%(after_a)s AS TEXT) AND (o.a < CAST(%(after_a)s AS TEXT) OR" in text
    assert "(o.a, o.b) > (" in past(order, dialect="postgres")


def test_elsewhere_the_keys_that_lead_enter_the_index_and_ties_are_exact() -> None:
    order = (*ascending("a"), SortKey("b", nulls="9999-12-31"), *ascending("c"))
    text = past(order)
    assert "WHERE o.a >= :after_a AND (o.a > :after_a OR (o.a = :after_a AND (" in text.replace(
        "OR o.a = :after_a AND (", "OR (o.a = :after_a AND ("
    )
    assert "COALESCE(o.b, '9999-12-31') > :after_b" in text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_texts_are_composed_once_per_shape(loop: asyncio.AbstractEventLoop, dialect: str) -> None:
    compose(points(loop, {"iso": "PJM"}), dialect)
    before = compiled.cache_info().misses
    assert compose(points(loop, {"iso": "ERCOT"}), dialect)
    assert compiled.cache_info().misses == before


def test_columns_of_one_name_are_not_taken_for_those_of_another_select() -> None:
    for number in range(1000):
        columns = {"a": Expression.text(f"o.c{number}")}
        text = compose(Select("SELECT @columns FROM t AS o", columns, ("a",)), "postgres")
        assert text == f"SELECT o.c{number} FROM t AS o"
