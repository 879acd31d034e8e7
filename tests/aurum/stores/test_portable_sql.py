"""Every text that the routes ask for keeps to the rules under which four engines answer alike.

The texts are recorded while each route is asked its example, that with each of its parameters, and
the pages after and before. Engines of their own run them in their own tests; here the composed text
is held against what is known of them.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from aurum.api.routes import Route
from aurum.cache.process import CACHE
from aurum.domains import all_routes, domains
from aurum.openapi.parameters import example_of
from aurum.stores import registry
from aurum.stores.composing import compiled
from aurum.stores.dialects import DIALECTS
from aurum.stores.sql import Select
from tests.conftest import Api, Run
from tests.contract import ask, fields_of, takes

FUNCTIONS = (
    *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.ArgMax, exp.ArgMin),
    *(exp.Coalesce, exp.Cast, exp.Exists, exp.And, exp.Or, exp.Array, exp.Substring),
    *(exp.Case, exp.If),
)
"""All that a text may call: nothing of dates and zones, which engines do differently. A date as
text is the same to all of them, and its first characters are a month. An array of a subquery is
PostgreSQL's own way to say a set, and made one for the others. CASE is the same to all of them."""

MORE = (
    *(f"resample={length}" for length in ("hour", "day", "week", "month", "year")),
    "resample=day&agg=mean,min,max,sum,std,count,first,last",
    "resample=day&tz=UTC&agg=first",
    "resample=month&block=ON_PEAK&fill=null",
    "block=OFF_PEAK",
)


class RecordingStore:
    """Passes on what it is asked, and remembers it."""

    def __init__(self, store: Any) -> None:
        self._store, self.exports = store, store.exports
        self.asked: dict[Any, Select] = {}
        self.names = set[str]()

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> Any:
        self.asked[select.shape] = select
        self.names.add(select.name)
        return await self._store.fetch(select, params)

    async def close(self) -> None:
        await self._store.close()


@pytest.fixture
def recorded(run: Run[Any], some_demo_data: None) -> RecordingStore:
    async def record() -> RecordingStore:
        store = RecordingStore(await registry.store_of("curves"))
        registry._open[asyncio.get_running_loop()]["embedded"] = store  # type: ignore[assignment]
        return store

    return run(record())  # type: ignore[no-any-return]


def questions(route: Route) -> Iterator[dict[str, Any]]:
    yield {}
    for name, field in fields_of(route).items():
        value = example_of(field)
        if value is not None and name not in ("format", "shape", "limit", "fields"):
            yield {name: ",".join(map(str, value)) if isinstance(value, list) else value}
    if takes(route, "resample") and takes(route, "agg"):
        yield from (dict(part.split("=") for part in more.split("&")) for more in MORE)


def ask_everything(api: Api) -> None:
    for route in all_routes():
        for more in questions(route):
            answer = ask(api, route, **more)
            if answer.headers["content-type"] != "application/json":
                continue
            next_page = answer.json().get("links", {}).get("next")
            if next_page and (not more or "resample" in more):
                api.get(api.get(next_page).json()["links"]["prev"])
    for domain in domains():
        for policy in domain.policies:
            CACHE.clear(policy.namespace)


def test_every_text_keeps_to_the_rules(api: Api, recorded: RecordingStore) -> None:
    ask_everything(api)
    domains_asked = {name.partition(".")[0] for name in recorded.names}
    assert domains_asked == {domain.name for domain in domains()}, "a question without a name"
    assert len(recorded.names) > 20
    kinds = {}
    for shape in sorted(recorded.asked, key=lambda shape: len(str(shape.conditions))):
        # Of texts that differ in their filters alone, the one with the most of them.
        kinds[shape._replace(conditions=())] = shape
    assert len(kinds) > 60
    for shape in kinds.values():
        texts = {dialect: compiled(shape, dialect) for dialect in DIALECTS}
        for dialect, rules in RULES.items():
            tree = sqlglot.parse_one(texts[dialect], read=dialect)
            for rule in rules:
                assert list(rule(tree)) == [], f"{rule.__name__} in {dialect}:\n{texts[dialect]}"


def untyped_parameters(tree: exp.Expr) -> Iterator[str]:
    return (mark.name for mark in tree.find_all(exp.Placeholder) if mark.args.get("kind") is None)


def functions_of_engines(tree: exp.Expr) -> Iterator[str]:
    return (call.sql() for call in tree.find_all(exp.Func) if not isinstance(call, FUNCTIONS))


def distinct_comparisons(tree: exp.Expr) -> Iterator[str]:
    return (found.sql() for found in tree.find_all(exp.NullSafeEQ, exp.NullSafeNEQ))


def unqualified_sort_keys(tree: exp.Expr) -> Iterator[str]:
    for ordered in tree.find_all(exp.Ordered):
        for column in ordered.find_all(exp.Column):
            if not column.table:
                yield column.sql()


def row_bounds_beside_their_own_strictness(tree: exp.Expr) -> Iterator[str]:
    """`(a, b) <= (x, y) AND a < x`: PostgreSQL 17 loses the second."""
    for bound in tree.find_all(exp.LTE, exp.GTE):
        if isinstance(bound.this, exp.Tuple):
            lead = bound.this.expressions[0].sql()
            conjunction = bound.find_ancestor(exp.And)
            for strict in conjunction.find_all(exp.LT, exp.GT) if conjunction else ():
                if strict.this.sql() == lead:
                    yield bound.sql()


def rows_that_are_less(tree: exp.Expr) -> Iterator[str]:
    """`a = 4` beside `(a, b) < (5, y)`: PostgreSQL 17 loses the first in an index read upward."""
    for bound in tree.find_all(exp.LT, exp.LTE):
        if isinstance(bound.this, exp.Tuple):
            yield bound.sql()


def nested(tree: exp.Expr) -> Iterator[exp.Select]:
    return (found for found in tree.find_all(exp.Select) if found.parent_select is not None)


def sources(select: exp.Select) -> set[str]:
    own = [select.args.get("from_") or select.args["from"], *(select.args.get("joins") or ())]
    return {source.this.alias_or_name for source in own}


def limits_within(tree: exp.Expr) -> Iterator[str]:
    """Column stores cannot decorrelate a subquery with a limit; a derived table may have one."""
    for select in nested(tree):
        is_derived_table = isinstance(select.parent, exp.Subquery) and isinstance(
            select.parent.parent, exp.From
        )
        if not is_derived_table and (select.args.get("limit") or select.args.get("order")):
            yield select.sql()


def names_beyond_the_next_outer_query(tree: exp.Expr) -> Iterator[str]:
    for select in nested(tree):
        outer = select.parent_select
        assert outer is not None
        for column in select.find_all(exp.Column):
            if column.parent_select is select and column.table not in sources(select):
                if column.table not in sources(outer):
                    yield column.sql()
                elif not isinstance(column.parent, exp.EQ):
                    yield f"{column.parent} is no equality"


def derived_tables_without_their_key(tree: exp.Expr) -> Iterator[str]:
    """ClickHouse loses a correlated column that the derived table does not select and use. That of
    the outermost query has none."""
    for table in tree.find_all(exp.Subquery):
        if isinstance(table.parent, exp.From) and table.parent.parent is not tree:
            keys = [name for name in table.this.named_selects if name.endswith("_key")]
            used = {c.name for c in tree.find_all(exp.Column) if c.table == table.alias}
            if not {*keys} & used:
                yield table.sql()


EVERYWHERE = (
    functions_of_engines,
    distinct_comparisons,
    unqualified_sort_keys,
    row_bounds_beside_their_own_strictness,
)
RULES = {
    "postgres": (*EVERYWHERE, rows_that_are_less),
    "clickhouse": (
        *EVERYWHERE,
        untyped_parameters,
        limits_within,
        names_beyond_the_next_outer_query,
        derived_tables_without_their_key,
    ),
}
"""What is compared in one row store and one column store; the other two have the same texts."""
