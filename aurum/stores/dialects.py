"""From PostgreSQL's dialect, in which queries are written, to the one that an engine understands.

sqlglot renders the dialect; what it does not know is mended here.
"""

from functools import lru_cache

import sqlglot
from sqlglot import exp

ROW_STORES = ("sqlite", "postgres")
COLUMN_STORES = ("clickhouse", "trino")
DIALECTS = (*ROW_STORES, *COLUMN_STORES)


@lru_cache(maxsize=256)
def render(sql: str, dialect: str) -> str:
    """PostgreSQL's dialect in, the engine's out."""
    tree = sqlglot.parse_one(sql, read="postgres")
    if dialect != "postgres":
        _arrays_to_sets(tree)
    match dialect:
        case "sqlite":
            _for_sqlite(tree)
        case "clickhouse":
            _for_clickhouse(tree)
    if dialect in COLUMN_STORES:
        for ordered in tree.find_all(exp.Ordered):
            ordered.set("nulls_first", False)
    return tree.sql(dialect=dialect)


def _arrays_to_sets(tree: exp.Expr) -> None:
    """`= ANY(ARRAY(SELECT …))` as `IN (SELECT …)`, which says the same: the array is there for
    PostgreSQL alone, which enters an index once for each of its members."""
    for equal in list(tree.find_all(exp.EQ)):
        if isinstance(equal.expression, exp.Any):
            (query,) = equal.expression.this.unnest().expressions
            equal.replace(exp.In(this=equal.this, query=exp.Subquery(this=query)))


def _for_sqlite(tree: exp.Expr) -> None:
    for ordered in tree.find_all(exp.Ordered):
        # Sort keys are never null here, and an explicit NULLS LAST would keep SQLite off its index.
        ordered.set("nulls_first", not ordered.args.get("desc"))
    for cast in list(tree.find_all(exp.Cast)):
        # Dates and instants are text here: a cast to DATE would make a number of one.
        if isinstance(cast.this, exp.Placeholder | exp.Literal):
            cast.replace(cast.this)


def _for_clickhouse(tree: exp.Expr) -> None:
    """A parameter carries its type. Only Date32 goes beyond 1970 to 2149, and only DateTime64
    beyond 2106; a plain DateTime would make another instant of one that does."""
    for cast in list(tree.find_all(exp.Cast)):
        if cast.to.this == exp.DataType.Type.DATE:
            cast.set("to", exp.DataType(this=exp.DataType.Type.DATE32))
        elif cast.to.this == exp.DataType.Type.TIMESTAMPTZ:
            instant = "Nullable(DateTime64(0, 'UTC'))"
            cast.set("to", exp.DataType.build(instant, dialect="clickhouse"))
        elif cast.to.this == exp.DataType.Type.BIGINT and not isinstance(
            cast.this, exp.Placeholder
        ):
            # What 64 bits cannot hold would come back as another number, without a word.
            cast.set("to", exp.DataType(this=exp.DataType.Type.INT128))
        if isinstance(cast.this, exp.Placeholder):
            cast.to.set("nullable", False)
            kind = cast.to.sql(dialect="clickhouse")
            cast.replace(exp.Placeholder(this=cast.this.this, kind=exp.var(kind)))
    for mark in tree.find_all(exp.Placeholder):
        if mark.args.get("kind") is None:
            mark.set("kind", exp.var("Int64"))
