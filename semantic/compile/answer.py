"""The SQL of a whole answer: one named CTE for each fact, stacked, then the formulas, then the order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp

from semantic.compile.complete import complete_sql
from semantic.compile.dialects import TYPED_MISSING
from semantic.compile.expressions import (
    alias,
    cast,
    column,
    identifier,
    is_coarse,
    minus,
    predicate_sql,
    selected,
    value,
)
from semantic.compile.members import members_sql
from semantic.compile.paired import paired_sql
from semantic.compile.scan import MEMBER, at_instants, one_of, same_member, scan_sql
from semantic.compile.spine import spine_fill_sql
from semantic.errors import QueryError, UnknownName
from semantic.expand import (
    Complete,
    Difference,
    Divide,
    Earlier,
    Fill,
    Formula,
    Known,
    Label,
    Leaf,
    OfTotal,
    Share,
    Status,
    Take,
    WhereFound,
    leaves_of,
    parts_of,
)
from semantic.plan import Answer, Members, Order, Paired, Scan, Source, SpineFill, TopMembers
from semantic.predicates import MetricRef, Predicate

_LAST_DIGITS = 1e-9
"""Quotients are doubles: this close to a threshold, an attainment is at it."""


def answer_sql(answer: Answer, dialect: str) -> exp.Select:
    """The whole statement."""
    ctes = [(source.name, source_sql(source, dialect), source_comment(source)) for source in answer.sources]
    base = ctes[0][0] if len(ctes) == 1 else "combined"
    if answer.top is not None:
        members = f"the top {answer.top.answer.limit} by {answer.top.answer.outputs[0].name}"
        ctes.insert(0, (answer.top.name, _top_sql(answer.top, dialect), members))
    if len(answer.sources) > 1:
        ctes.append(
            ("combined", stacked(answer, dialect), "the facts meet under equal keys, missing keys included")
        )
    select = _outputs(answer, base, dialect)
    if not answer.outputs:
        select = _members(select, answer, base)
    if answer.having:
        ctes.append(("answer", select, "the numbers asked for"))
        select = selected(*(column(name, "answer") for name in _names(answer))).from_("answer", copy=False)
        for predicate in answer.having:
            select = select.where(_having(answer, predicate), copy=False)
        base = "answer"
    return _with(_sorted(select, answer), ctes)


def _top_sql(top: TopMembers, dialect: str) -> exp.Select:
    """The top members, each marked as kept."""
    found = answer_sql(top.answer, dialect).subquery(alias="ranked", copy=False)
    key = alias(column(top.answer.keys[0], "ranked"), MEMBER)
    return selected(key, alias(exp.Literal.number(1), "is_kept")).from_(found, copy=False)


def count_sql(answer: Answer, dialect: str) -> exp.Select:
    """How many rows the answer has before its limit."""
    inner = answer_sql(replace(answer, order=(), limit=None, offset=0), dialect)
    return selected(alias(exp.Count(this=exp.Star()), "total")).from_(
        inner.subquery(alias="answer", copy=False), copy=False
    )


def source_sql(source: Source, dialect: str) -> exp.Select:
    """The SELECT of one source."""
    if isinstance(source, SpineFill) and source.instants and isinstance(source.inner, Scan):
        filled = spine_fill_sql(source, at_instants(source.inner, dialect, answer_sql), dialect)
        return one_of(source.inner, filled)
    if isinstance(source, SpineFill):
        return spine_fill_sql(source, source_sql(source.inner, dialect), dialect)
    if isinstance(source, Paired):
        return paired_sql(source, dialect, answer_sql)
    if isinstance(source, Members):
        return members_sql(source, dialect, answer_sql)
    return scan_sql(source, dialect, answer_sql)


def source_comment(source: Source) -> str:
    """What a CTE is, in a line."""
    if isinstance(source, SpineFill):
        return f"{source_comment(source.inner)}, with a row for every period of {source.spine.relation}"
    if isinstance(source, Members):
        return f"members found in {source.scan.relation or (source.spine and source.spine.relation)}"
    if isinstance(source, Paired):
        numbers = ", ".join(item.column for item in source.conversion.aggregates)
        return f"{numbers}: {source.conversion.relation} after its latest event in {source.base.relation}"
    numbers = ", ".join(item.column for item in source.aggregates)
    if source.literal is not None:
        return f"{numbers}: {source.literal.words}"
    return f"{numbers}: rows of {source.relation}"


def stacked(answer: Answer, dialect: str) -> exp.Select:
    """UNION ALL and group again: a FULL JOIN on `=` would lose the rows whose key is missing."""
    every = [name for _, columns in answer.contributing for name in columns]
    marked = sources_told_apart(answer)
    homes = {column: name for name, columns in answer.contributing for column in columns}
    typed = dialect in TYPED_MISSING and len(answer.contributing) > 2
    branches = []
    for name, columns in answer.contributing:
        own: list[exp.Expr] = [column(key, name) for key in answer.keys]
        own += [column(c, name) if c in columns else alias(_missing(c, homes[c], typed), c) for c in every]
        own += [alias(exp.Literal.number(int(name == each)), has(each)) for each in marked]
        branches.append(selected(*own).from_(identifier(name), copy=False))
    union: Any = branches[0]
    for branch in branches[1:]:
        union = exp.Union(this=union, expression=branch, distinct=False)
    select = selected(*(column(key, "stacked") for key in answer.keys))
    taken = (*every, *map(has, marked))
    select = select.select(*(alias(exp.Max(this=column(c, "stacked")), c) for c in taken), copy=False)
    select = select.from_(
        exp.Subquery(this=union, alias=exp.TableAlias(this=identifier("stacked"))), copy=False
    )
    numbers = (exp.Literal.number(number) for number in range(1, len(answer.keys) + 1))
    return select.group_by(*numbers, copy=False) if answer.keys else select


def has(source: str) -> str:
    """The column that is 1 where a source has a row."""
    return f"has_{source}"


def sources_told_apart(answer: Answer) -> list[str]:
    """The sources whose rows decide whether a formula has a value."""
    found = [
        source
        for output in answer.outputs
        for part in _where_found(output.formula)
        for source in _of(answer, part)
    ]
    return list(dict.fromkeys(found))


def _where_found(formula: Formula) -> list[WhereFound]:
    inner = [each for part in parts_of(formula) for each in _where_found(part)]
    return [formula, *inner] if isinstance(formula, WhereFound) else inner


def _of(answer: Answer, formula: WhereFound) -> list[str]:
    """The sources of a formula; none where it has all of them, so that every row is one of its own."""
    names = {name for leaf, name in answer.columns if leaf in leaves_of(formula)}
    found = [source for source, columns in answer.contributing if names & set(columns)]
    return found if len(found) < len(answer.contributing) else []


def _missing(name: str, home: str, typed: bool) -> exp.Expr:
    """NULL, or no value of a column, which is a NULL of that column's type."""
    if not typed:
        return exp.Null()
    none = selected(column(name, home)).from_(identifier(home), copy=False).where(exp.Boolean(this=False))
    return none.subquery(copy=False)


@dataclass(frozen=True)
class Columns:
    """Where a formula finds its parts: the leaves' columns of a CTE, what fills them, the row of totals."""

    answer: Answer
    base: str
    total: str | None = None

    def take(self, leaf: Leaf) -> exp.Expr:
        name = dict(self.answer.columns)[leaf]
        node: exp.Expr = column(name, self.base)
        fills = dict(self.answer.fills)
        return exp.Coalesce(this=node, expressions=[value(fills[name])]) if name in fills else node


def formula_sql(formula: Formula, columns: Columns) -> exp.Expr:
    """A formula over the stacked columns."""
    if isinstance(formula, Take):
        return columns.take(formula.leaf)
    if isinstance(formula, Divide):
        return divided(formula_sql(formula.numerator, columns), formula_sql(formula.denominator, columns))
    if isinstance(formula, Fill):
        return exp.Coalesce(this=formula_sql(formula.formula, columns), expressions=[value(formula.value)])
    if isinstance(formula, WhereFound):
        return _where_found_sql(formula, columns)
    if isinstance(formula, Difference):
        left, right = formula_sql(formula.left, columns), formula_sql(formula.right, columns)
        return exp.Paren(this=exp.Sub(this=left, expression=right))
    if isinstance(formula, Share):
        return divided(formula_sql(formula.part, columns), exp.Abs(this=formula_sql(formula.of, columns)))
    if isinstance(formula, Status):
        return _status(formula, formula_sql(formula.attainment, columns))
    if isinstance(formula, Earlier):
        moved = minus(column(formula.key, columns.base), formula.window)
        return cast(moved, "DATE") if is_coarse(formula.window.grain) else moved
    if isinstance(formula, Known):
        return _known(formula, formula_sql(formula.formula, columns), columns.base)
    if isinstance(formula, Complete):
        return complete_sql(
            formula, formula_sql(formula.formula, columns), formula_sql(formula.count, columns), columns.base
        )
    if isinstance(formula, Label):
        return _label(formula, columns.base)
    if isinstance(formula, OfTotal):
        assert columns.total is not None
        return divided(formula_sql(formula.formula, columns), column(formula.metric, columns.total))
    parts = {name: formula_sql(part, columns) for name, part in formula.parts}
    return evaluated(formula.expr, parts)


def _known(formula: Known, node: exp.Expr, base: str) -> exp.Expr:
    filled = exp.Coalesce(this=node, expressions=[value(formula.fill)])
    return exp.Case().when(_in_periods(formula.key, formula.periods, base), filled).else_(node.copy())


def _label(formula: Label, base: str) -> exp.Expr:
    words = exp.Case()
    for word, periods in formula.words:
        if formula.key is None:
            return cast(exp.Literal.string(word), "TEXT")
        words = words.when(_in_periods(formula.key, periods, base), exp.Literal.string(word))
    return words if formula.words else cast(exp.Null(), "TEXT")


def _in_periods(key: str, periods: tuple[dt.date, ...], base: str) -> exp.Expr:
    return exp.In(this=column(key, base), expressions=[value(period) for period in periods])


def _where_found_sql(formula: WhereFound, columns: Columns) -> exp.Expr:
    node = formula_sql(formula.formula, columns)
    marks = [
        exp.EQ(this=column(has(source), columns.base), expression=exp.Literal.number(1))
        for source in _of(columns.answer, formula)
    ]
    return exp.Case().when(exp.or_(*marks, copy=False), _unwrapped(node)) if marks else node


def _status(formula: Status, attainment: exp.Expr) -> exp.Expr:
    """The colour of an attainment: 17,999.91 of 19,999.90 is 0.9, though the quotient's last digit is below."""
    good, bad = (exp.LTE, exp.GT) if formula.lower_is_better else (exp.GTE, exp.LT)
    slack = _LAST_DIGITS if formula.lower_is_better else -_LAST_DIGITS
    green = good(this=attainment.copy(), expression=value(formula.green + slack))
    red = bad(this=attainment.copy(), expression=value(formula.red + slack))
    colours = exp.Case().when(exp.Is(this=attainment, expression=exp.Null()), exp.Null())
    colours = colours.when(green, exp.Literal.string("green")).when(red, exp.Literal.string("red"))
    return colours.else_(exp.Literal.string("yellow"))


def divided(top: exp.Expr, bottom: exp.Expr) -> exp.Expr:
    """Division that never fails and never drops digits: missing where the denominator is zero."""
    bottom = exp.Nullif(this=cast(bottom, "DOUBLE"), expression=exp.Literal.number(0))
    return exp.Div(this=cast(top, "DOUBLE"), expression=bottom)


def evaluated(text: str, parts: dict[str, exp.Expr]) -> exp.Expr:
    """SQL arithmetic with its names replaced by the parts."""
    tree = exp.Paren(this=sqlglot.parse_one(text, dialect="duckdb"))
    while divisions := [node for node in tree.find_all(exp.Div) if not isinstance(node.right, exp.Nullif)]:
        divisions[0].replace(divided(divisions[0].left.copy(), divisions[0].right.copy()))
    for node in list(tree.find_all(exp.Column)):
        if node.name in parts:
            part = parts[node.name].copy()
            node.replace(exp.Paren(this=part) if isinstance(part, exp.Binary) else part)
    return tree if isinstance(tree.this, exp.Binary) else tree.this


def _outputs(answer: Answer, base: str, dialect: str) -> exp.Select:
    total = "grand_total" if answer.totals is not None else None
    columns = Columns(answer, base, total)
    select = selected(*(column(key, base) for key in answer.keys))
    for output in answer.outputs:
        node = formula_sql(output.formula, columns)
        select = select.select(alias(_unwrapped(node), output.name), copy=False)
    select = select.from_(identifier(base), copy=False)
    if answer.totals is not None and total is not None:
        whole = answer_sql(answer.totals, dialect).subquery(alias=total, copy=False)
        select = select.join(whole, join_type="cross", copy=False)
    if answer.top is not None and answer.top.other is None:
        on = same_member(column(answer.top.key, base), column(MEMBER, answer.top.name))
        select = select.join(exp.to_table(answer.top.name), on=on, join_type="inner", copy=False)
    return select.where(_not_yet(answer, base), copy=False) if answer.until else select


def _not_yet(answer: Answer, base: str) -> exp.Expr:
    """Only periods up to the last one that the data has."""
    assert answer.until is not None
    key, names = answer.until
    last = [
        exp.LTE(
            this=column(key, base),
            expression=selected(exp.Max(this=column(key, name)))
            .from_(identifier(name), copy=False)
            .subquery(copy=False),
        )
        for name in names
    ]
    return exp.or_(*last, copy=False)


def _members(select: exp.Select, answer: Answer, base: str) -> exp.Select:
    """Members are listed once each, unless every combination's row is wanted; or only their extremes."""
    if not answer.min_max:
        return select.distinct(copy=False) if answer.distinct else select
    select = exp.Select().from_(identifier(base), copy=False)
    for key in answer.keys:
        for end, kind in (("min", exp.Min), ("max", exp.Max)):
            select = select.select(alias(kind(this=column(key, base)), f"{key}__{end}"), copy=False)
    return select


def _unwrapped(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Paren) else node


def _names(answer: Answer) -> tuple[str, ...]:
    return (*answer.keys, *(output.name for output in answer.outputs))


def _having(answer: Answer, predicate: Predicate) -> exp.Expr:
    """Conditions on the answer's own columns."""
    names = _names(answer)

    def resolve(node: Any) -> exp.Expr:
        if isinstance(node, MetricRef) and node.by:
            raise QueryError(
                f"METRIC({node.metric!r}, ...) by a key is a condition on rows: write it under `where`. "
                f"`having` is about the answer's own columns."
            )
        name = node.metric if isinstance(node, MetricRef) else node.dimension.text
        if name not in names:
            raise UnknownName.of("column", name, names, " in having")
        return column(name, "answer")

    return predicate_sql(predicate, resolve)


def _sorted(select: exp.Select, answer: Answer) -> exp.Select:
    for item in () if answer.min_max and not answer.outputs else answer.order:
        select = select.order_by(_ordered(item), copy=False)
    if answer.limit is not None:
        select = select.limit(answer.limit, copy=False)
    if answer.offset:
        select = select.offset(answer.offset, copy=False)
    return select


def _ordered(item: Order) -> exp.Expr:
    return exp.Ordered(this=exp.column(identifier(item.column)), desc=item.descending, nulls_first=False)


def _with(select: exp.Select, ctes: list[tuple[str, exp.Select, str]]) -> exp.Select:
    for name, query, comment in ctes:
        node = exp.CTE(this=query, alias=exp.TableAlias(this=identifier(name)))
        node.add_comments([f" {comment} "])
        with_ = select.args.get("with_") or exp.With(expressions=[])
        with_.append("expressions", node)
        select.set("with_", with_)
    return select
