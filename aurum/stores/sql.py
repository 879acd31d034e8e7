"""The query composer: SQL is written once and compiled for each engine.

A `Question` is SQL in PostgreSQL's dialect with named parameters (`:iso`) and these slots:

    {columns}            what to select
    {snapshot(o, t)}     rows of table t, alias o, that a reader at the watermark :w_t may see
    {where}              further conditions, constants of a DAO
    {after}              everything past a cursor's position, in the order of `order`
    {order}              the order itself
    {page}               limit and offset

Values are always bound and never reach the text, so equal shapes give equal text and the compiled
text is cached by shape. sqlglot renders the dialect; what it does not know is mended here.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import sqlglot
from sqlglot import exp

DIALECTS = ("sqlite", "postgres")
LAST = "9999-12-31"
"""Stands for a missing date in a sort order: nulls come last on every engine."""

_SNAPSHOT = re.compile(r"\{snapshot\((\w+), (\w+)\)\}")


@dataclass(frozen=True, slots=True)
class Key:
    """One part of a sort order; `name` is its parameter in a cursor and its column in a row."""

    name: str
    column: str
    descending: bool = False
    nulls: str | None = None

    @property
    def expression(self) -> str:
        return self.column if self.nulls is None else f"COALESCE({self.column}, '{self.nulls}')"


Order = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Select:
    sql: str
    columns: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    order: Order = ()
    after: bool = False
    limited: bool = False
    skipping: bool = False

    def narrowed(self, *conditions: str) -> "Select":
        return replace(self, where=self.where + conditions)


def reversed_order(order: Order) -> Order:
    return tuple(replace(key, descending=not key.descending) for key in order)


def past(order: Order) -> str:
    """A condition that holds for what comes after the position `:after_<key>…` in this order.

    Row values lead, over the keys that run the same way, so that an index is entered at the place;
    the nested comparison behind it is exact also where directions mix.
    """
    lead = [key for key in order if key.nulls is None]
    same = lead[
        : next(
            (
                i
                for i, k in enumerate(order)
                if k not in lead or k.descending != order[0].descending
            ),
            len(order),
        )
    ]
    names = ", ".join(key.column for key in same)
    values = ", ".join(f":after_{key.name}" for key in same)
    entry = f"({names}) {'<=' if order[0].descending else '>='} ({values})"
    exact = ""
    for key in reversed(order):
        beyond = f"{key.expression} {'<' if key.descending else '>'} :after_{key.name}"
        tie = f"{key.expression} = :after_{key.name}"
        exact = f"({beyond} OR ({tie} AND {exact}))" if exact else beyond
    return f"{entry} AND {exact}" if same else exact


def _text(select: Select) -> str:
    conditions = [*select.where]
    if select.after:
        conditions.append(past(select.order))
    order = ", ".join(f"{k.expression}{' DESC' if k.descending else ''}" for k in select.order)
    page = ("LIMIT :limit" if select.limited else "") + (
        " OFFSET :offset" if select.skipping else ""
    )
    text = select.sql.replace("{columns}", ", ".join(select.columns))
    text = text.replace("{where}", " AND ".join(conditions) or "TRUE")
    text = text.replace("{order}", order).replace("{page}", page)
    return _SNAPSHOT.sub(
        lambda m: f"{m[1]}.load_id <= :w_{m[2]} AND {m[1]}.superseded_by > :w_{m[2]}", text
    )


@lru_cache(maxsize=1024)
def compose(select: Select, dialect: str) -> str:
    """The text one engine understands; its parameters keep their names."""
    return render(_text(select), dialect)


@lru_cache(maxsize=256)
def render(sql: str, dialect: str) -> str:
    """PostgreSQL's dialect in, the engine's out."""
    tree = sqlglot.parse_one(sql, read="postgres")
    if dialect == "sqlite":
        # Sort keys are never null here, and an explicit NULLS LAST would keep SQLite off its index.
        for ordered in tree.find_all(exp.Ordered):
            ordered.set("nulls_first", not ordered.args.get("desc"))
    return tree.sql(dialect=dialect)
