"""Which columns of which models can have a value, given which raw columns have one.

The models are read as SQL and walked without running them: a column is what its expression can be, a row comes from
where its FROM and WHERE let one through. `WHERE mql_at IS NOT NULL` over an empty `mql_at` lets none through, and so
the stage `mql` never reaches `core.lifecycle_event`. Where the walk does not understand, it assumes that there is a
value: it may call a metric computable that is not, never the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlglot
from sqlglot import exp

from infra.model_files import ModelFile, model_files

ANYTHING = "*"
Values = frozenset[str]  # what a column can hold: nothing, these literals, or ANYTHING
SOME: Values = frozenset((ANYTHING,))
NONE: Values = frozenset()
MOST_LITERALS = 40
MOST_PARTS = 24
TRUE = "true"
LENIENT = (exp.If, exp.Concat, exp.Greatest, exp.Least)
KEEP = ("UPPER", "TRIM", "KNOWN", "NULLIF", "MIN", "MAX", "ANY_VALUE")


@dataclass(frozen=True)
class Reach:
    """What a column can hold, and the raw columns (`table.column`) that it comes from."""

    values: Values = NONE
    origins: frozenset[str] = frozenset()

    def __or__(self, other: Reach) -> Reach:
        values = self.values | other.values
        if ANYTHING in values or len(values) > MOST_LITERALS:
            values = SOME
        return Reach(values, self.origins | other.origins)

    def but(self, values: Values) -> Reach:
        """The same origins, other values."""
        return Reach(values, self.origins)


@dataclass(frozen=True)
class Relation:
    """A table as the walk sees it; `is_open` relations answer for columns that nobody declared."""

    has_rows: bool
    columns: Mapping[str, Reach] = field(default_factory=dict)
    origins: frozenset[str] = frozenset()  # the raw tables that its rows come from
    is_open: bool = False
    parts: tuple[Relation, ...] = ()  # the branches of a UNION, as long as they are told apart

    def branches(self) -> tuple[Relation, ...]:
        """The parts, or itself where it has none: what is true of a branch need not be of another."""
        return self.parts or (self,)

    def reach(self, column: str) -> Reach:
        """A column; nothing where the relation has no rows."""
        found = self.columns.get(column.lower())
        if found is None:
            found = Reach(SOME if self.is_open else NONE, self.origins)
        return found if self.has_rows else found.but(NONE)


@dataclass(frozen=True)
class Model:
    """A model's query, or what a Python model or seed says of itself."""

    name: str
    query: exp.Query | None
    columns: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()


def read_models(folder: Path) -> dict[str, Model]:
    """Every model below `folder` by its lower-case `schema.name`."""
    return {
        file.name: Model(file.name, _query(file), file.columns, file.reads) for file in model_files(folder)
    }


def _query(file: ModelFile) -> exp.Query | None:
    if file.is_seed or not file.sql:
        return None
    # A macro call is a function to us, a variable some literal.
    plain = re.sub(r"@(\w+)(?!\w*\()", r"'\1'", re.sub(r"@(\w+)\(", r"\1(", file.sql))
    # The query is the last statement; what a model does before it makes no columns.
    query = sqlglot.parse(plain.strip().rstrip(";"), dialect="snowflake")[-1]
    return query if isinstance(query, exp.Query) else None


class Walk:
    """The relations of a project, worked out from raw relations on first use."""

    def __init__(self, models: Mapping[str, Model], raw: Mapping[str, Relation]) -> None:
        self._models = models
        self._known: dict[str, Relation] = dict(raw)

    def relation(self, name: str) -> Relation:
        """The relation `schema.name`; open and filled where nobody knows it."""
        key = name.lower()
        if key not in self._known:
            self._known[key] = Relation(True, is_open=True)  # unknown, or a model that reads itself
            if key in self._models:
                self._known[key] = self._model(self._models[key])
        return self._known[key]

    def _model(self, model: Model) -> Relation:
        if model.query is not None:
            return self._query(model.query, {})
        if model.depends_on:
            inputs = [self.relation(name) for name in model.depends_on]
            origins = frozenset(one for relation in inputs for one in relation.origins)
            return Relation(all(one.has_rows for one in inputs), {}, origins, is_open=True)
        return Relation(True, {name: Reach(SOME) for name in model.columns}, is_open=True)

    def _query(self, query: exp.Query, outer: Mapping[str, Relation]) -> Relation:
        scope = dict(outer)
        for cte in query.ctes:
            scope[cte.alias.lower()] = self._query(cte.this, scope)
        if isinstance(query, exp.SetOperation):
            return _united(self._query(query.left, scope), self._query(query.right, scope))
        if isinstance(query, exp.Subquery):
            return self._query(query.this, scope)
        if isinstance(query, exp.Select):
            return self._select(query, scope, {cte.alias.lower() for cte in query.ctes})
        return Relation(True, is_open=True)

    def _select(self, select: exp.Select, scope: Mapping[str, Relation], own: set[str]) -> Relation:
        joins = [(join, self._source(join.this, scope, own)) for join in select.args.get("joins") or ()]
        source = select.args.get("from_") or select.args.get("from")
        if source is None:
            return _selected(select, {}, [], joins)
        relation = self._source(source.this, scope, own)
        name = source.this.alias_or_name.lower()
        return _stacked([_selected(select, {name: part}, [part], joins) for part in relation.branches()])

    def _source(self, source: exp.Expr, scope: Mapping[str, Relation], own: set[str]) -> Relation:
        if isinstance(source, exp.Subquery):
            return self._query(source.this, scope)
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            name = source.name.lower()
            return scope[name] if not source.db and name in scope else self.relation(f"{source.db}.{name}")
        # A macro or table function: it can only read what the query has laid out before it.
        before = [scope[name] for name in own]
        origins = frozenset(one for relation in before for one in relation.origins)
        return Relation(all(one.has_rows for one in before), {}, origins, is_open=True)


def _selected(
    select: exp.Select,
    tables: dict[str, Relation],
    needed: list[Relation],  # without a row of each of these there is none
    joins: list[tuple[exp.Join, Relation]],
) -> Relation:
    has_rows = all(one.has_rows for one in needed)
    for join, relation in joins:
        name = join.this.alias_or_name.lower()
        tables[name] = relation
        meets = relation.has_rows and can_be_true(join.args.get("on"), tables)
        if join.side.upper() == "LEFT":
            tables[name] = relation if meets else Relation(False, relation.columns, relation.origins)
        elif join.side.upper() not in ("FULL", "RIGHT"):
            needed.append(relation)
            has_rows = has_rows and meets
    where = select.args.get("where")
    has_rows = has_rows and (where is None or can_be_true(where.this, tables))
    columns = _projected(select, tables)
    return Relation(
        has_rows,
        columns if has_rows else {name: reach.but(NONE) for name, reach in columns.items()},
        frozenset(one for relation in needed for one in relation.origins),
        is_open=any(isinstance(one, exp.Anonymous) for one in select.expressions),
    )


def _stacked(relations: Sequence[Relation]) -> Relation:
    """UNION ALL: columns go by place, under the names of the first."""
    first, *others = relations
    for other in others:
        first = _united(first, other)
    return first


def _united(left: Relation, right: Relation) -> Relation:
    named = [_renamed(part, tuple(left.columns)) for part in right.branches()]
    parts = (*left.branches(), *named)
    right = _renamed(right, tuple(left.columns))
    return Relation(
        left.has_rows or right.has_rows,
        {name: left.reach(name) | right.reach(name) for name in left.columns},
        left.origins | right.origins,
        left.is_open or right.is_open,
        parts if 1 < len(parts) <= MOST_PARTS else (),
    )


def _renamed(relation: Relation, names: tuple[str, ...]) -> Relation:
    columns = dict(zip(names, relation.columns.values(), strict=False))
    return Relation(relation.has_rows, columns, relation.origins, relation.is_open)


def _projected(select: exp.Select, tables: Mapping[str, Relation]) -> dict[str, Reach]:
    columns: dict[str, Reach] = {}
    for place, one in enumerate(select.expressions):
        star = one.this if isinstance(one, exp.Column) else one
        if isinstance(star, exp.Star):
            wanted = [one.table.lower()] if isinstance(one, exp.Column) and one.table else list(tables)
            for name in wanted:
                if name in tables:
                    columns |= {key: tables[name].reach(key) for key in tables[name].columns}
        else:
            # In the later parts of a UNION columns go by place: a literal has no name, and a name may come twice.
            name = one.alias_or_name.lower()
            columns[name if name and name not in columns else f"{place}"] = reach_of(one, tables)
    return columns


def reach_of(node: exp.Expr | None, tables: Mapping[str, Relation]) -> Reach:
    """What an expression over `tables` can be."""
    if node is None or isinstance(node, exp.Null):
        return Reach()
    if isinstance(node, exp.Literal):
        return Reach(frozenset((node.this,)))
    if isinstance(node, exp.Boolean):
        return Reach(frozenset((str(node.this).lower(),)))
    if isinstance(node, exp.Column):
        return _column(node, tables)
    if isinstance(node, (exp.Alias, exp.Paren, exp.Cast, exp.Window, exp.Filter, exp.IgnoreNulls)):
        return reach_of(node.this, tables)
    if isinstance(node, exp.Case):
        return _case(node, tables)
    if isinstance(node, exp.Coalesce):
        return _any_of([node.this, *node.expressions], tables)
    if isinstance(node, (exp.Connector, exp.Is)):
        reach = _any_of(node.iter_expressions(), tables)
        return reach.but(SOME if can_be_true(node, tables) else NONE)
    if isinstance(node, (exp.Predicate, exp.Not, exp.Binary)):
        return _all_of(node, tables)
    if isinstance(node, exp.Lower):
        inner = reach_of(node.this, tables)
        return inner.but(frozenset(value.lower() for value in inner.values))
    if isinstance(node, exp.Func):
        return _function(node, tables)
    return _any_of(list(node.iter_expressions()), tables) if node.find(exp.Column) else Reach(SOME)


def _column(node: exp.Column, tables: Mapping[str, Relation]) -> Reach:
    if node.table:
        relation = tables.get(node.table.lower())
        return relation.reach(node.name) if relation is not None else Reach(SOME)
    for relation in tables.values():
        if node.name.lower() in relation.columns:
            return relation.reach(node.name)
    return next((one.reach(node.name) for one in tables.values() if one.is_open), Reach(SOME))


def _case(node: exp.Case, tables: Mapping[str, Relation]) -> Reach:
    reach = reach_of(node.args.get("default"), tables)
    subject = node.this
    for branch in node.args["ifs"]:
        condition = exp.EQ(this=subject.copy(), expression=branch.this.copy()) if subject else branch.this
        value = reach_of(branch.args["true"], tables)
        asked = reach_of(condition, tables)
        reach |= value if can_be_true(condition, tables) else Reach()
        reach = Reach(reach.values, reach.origins | asked.origins | value.origins)
    return reach


def _any_of(parts: Iterable[exp.Expr], tables: Mapping[str, Relation]) -> Reach:
    reach = Reach()
    for part in parts:
        reach |= reach_of(part, tables)
    return reach


def _all_of(node: exp.Expr, tables: Mapping[str, Relation]) -> Reach:
    """An operator: nothing where one side is nothing."""
    parts = [reach_of(part, tables) for part in node.iter_expressions()]
    origins = frozenset(one for part in parts for one in part.origins)
    return Reach(SOME if all(part.values for part in parts) else NONE, origins)


def _function(node: exp.Func, tables: Mapping[str, Relation]) -> Reach:
    parts = [reach_of(part, tables) for part in node.iter_expressions()]
    origins = frozenset(one for part in parts for one in part.origins)
    has_columns = node.find(exp.Column) is not None
    if isinstance(node, exp.Count) or not has_columns:
        return Reach(SOME, origins)
    name = node.name.upper() if isinstance(node, exp.Anonymous) else node.sql_name().upper()
    if name in KEEP and parts:
        return parts[0].but(parts[0].values)
    if isinstance(node, exp.Anonymous) and name == "KEY_OF":
        return Reach(SOME, origins)
    columns = [part for part, sub in zip(parts, node.iter_expressions(), strict=True) if sub.find(exp.Column)]
    enough = any if isinstance(node, LENIENT) else all  # NULL in, NULL out
    return Reach(SOME if enough(part.values for part in columns) else NONE, origins)


def can_be_true(node: exp.Expr | None, tables: Mapping[str, Relation]) -> bool:
    """Whether a condition can hold for some row; what is NULL never holds."""
    if node is None:
        return True
    if isinstance(node, exp.Paren):
        return can_be_true(node.this, tables)
    if isinstance(node, exp.And):
        return can_be_true(node.left, tables) and can_be_true(node.right, tables)
    if isinstance(node, exp.Or):
        return can_be_true(node.left, tables) or can_be_true(node.right, tables)
    if isinstance(node, exp.Is):
        return True
    if isinstance(node, exp.Not):
        inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
        return bool(reach_of(inner.this if isinstance(inner, exp.Is) else inner, tables).values)
    if isinstance(node, exp.EQ):
        return _can_meet(reach_of(node.left, tables).values, reach_of(node.right, tables).values)
    if isinstance(node, exp.In) and node.expressions:
        listed = _any_of(node.expressions, tables).values
        return _can_meet(reach_of(node.this, tables).values, listed)
    values = reach_of(node, tables).values
    return bool(values) and values != frozenset(("false",))


def _can_meet(left: Values, right: Values) -> bool:
    if not left or not right:
        return False
    return ANYTHING in left or ANYTHING in right or bool(left & right)
