"""Read a condition from text, in a small language like SQL's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from semantic.errors import QueryError
from semantic.functions import FUNCTIONS, read_call
from semantic.predicates.group_by import parse_group_by
from semantic.predicates.nodes import (
    CASTS,
    And,
    Attribute,
    Between,
    Call,
    Cast,
    Compare,
    DimensionRef,
    In,
    IsNull,
    Like,
    Literal,
    MetricRef,
    Not,
    Operand,
    Or,
    Predicate,
    Truth,
)

_SAME_CASTS = {"real": "double", "float": "double", "smallint": "int", "tinyint": "int"}
_DECIMAL = re.compile(r"decimal\(\d+, \d+\)")
_METRIC = "touchstone_metric"
_METRIC_CALL = re.compile(r"'(?:[^']|'')*'|\bmetric(?=\s*\()", re.IGNORECASE)


def _own_metric(text: str) -> str:
    """SQLMesh teaches sqlglot a METRIC statement of its own; in a process with both, ours needs another name."""
    return _METRIC_CALL.sub(lambda found: found[0] if found[0].startswith("'") else _METRIC, text)


@lru_cache(maxsize=4096)
def parse_predicate(text: str) -> Predicate:
    """Read a condition from text.

    >>> parse_predicate("region = 'EMEA'")
    Compare(op='=', left=DimensionRef(dimension=GroupBy(name='region', grain=None, date_part=None)), \
right=Literal(value='EMEA'))
    """
    try:
        tree = sqlglot.parse_one(_own_metric(text), dialect="duckdb", into=exp.Condition)
    except SqlglotError as error:
        raise QueryError(
            f"The condition {text!r} cannot be read. Write it like `region = 'EMEA'` or `amount > 3`."
        ) from error
    return _predicate(tree, text)


def _predicate(tree: Any, text: str) -> Predicate:
    reader = _PREDICATES.get(type(tree))
    if not reader:
        return Truth(_operand(tree, text))
    _only_known_parts(tree, text)
    return reader(tree, text)


def _only_known_parts(tree: Any, text: str) -> None:
    """Refuse what the parser understood and we would drop: `between symmetric`, `trim(both ...)`."""
    unknown = {key for key, value in tree.args.items() if value} - _KNOWN_PARTS
    if unknown:
        raise QueryError(f"The condition {text!r} has a part that conditions do not know: {min(unknown)!r}.")


def _operand(tree: Any, text: str) -> Operand:
    reader = _OPERANDS.get(type(tree))
    if reader:
        _only_known_parts(tree, text)
        return reader(tree, text)
    called = read_call(tree)
    if called:
        return _call(*called, text)
    if isinstance(tree, exp.Func):
        return _function(tree, text)
    raise QueryError(
        f"The condition {text!r} uses {tree.sql(dialect='duckdb')!r}, which conditions may not contain. "
        f"They may compare dimensions with values, with and/or/not, in, between, like, is null, "
        f"and the functions {', '.join(FUNCTIONS)}."
    )


def _compare(op: str) -> Callable[[Any, str], Predicate]:
    return lambda tree, text: Compare(op, _operand(tree.this, text), _operand(tree.expression, text))


def _arithmetic(op: str) -> Callable[[Any, str], Operand]:
    return lambda tree, text: Call(op, (_operand(tree.this, text), _operand(tree.expression, text)))


def _flatten(kind: type[And] | type[Or], tree: Any, text: str) -> tuple[Predicate, ...]:
    parts: list[Predicate] = []
    for side in (tree.this, tree.expression):
        read = _predicate(side, text)
        parts.extend(read.items if isinstance(read, kind) else (read,))
    return tuple(parts)


def _is(tree: exp.Is, text: str) -> Predicate:
    operand = _operand(tree.this, text)
    if isinstance(tree.expression, exp.Null):
        return IsNull(operand)
    if isinstance(tree.expression, exp.Boolean):
        wanted = bool(tree.expression.this)
        return Compare("=", Call("coalesce", (operand, Literal(not wanted))), Literal(wanted))
    raise QueryError(f"In {text!r}, `is` should be followed by null, true or false.")


def _in(tree: exp.In, text: str) -> Predicate:
    if tree.args.get("query") or tree.args.get("unnest") or tree.args.get("field"):
        raise QueryError(f"The condition {text!r} has a sub-query. Write the values: `in ('a', 'b')`.")
    return In(_operand(tree.this, text), tuple(_operand(e, text) for e in tree.expressions))


def _between(tree: exp.Between, text: str) -> Predicate:
    return Between(*(_operand(tree.args[part], text) for part in ("this", "low", "high")))


def _like(tree: Any, text: str) -> Predicate:
    like = Like(_operand(tree.this, text), _operand(tree.expression, text), isinstance(tree, exp.ILike))
    return Not(like) if tree.args.get("negate") else like


def _column(tree: exp.Column, text: str) -> Operand:
    if len(tree.parts) > 1 or not isinstance(tree.this, exp.Identifier):
        raise QueryError(f"{tree.sql()!r} in {text!r} is not a dimension. Join a name's parts with `__`.")
    return DimensionRef(parse_group_by(tree.name))


def _literal(tree: exp.Literal, text: str) -> Operand:
    if tree.is_string:
        return Literal(tree.this)
    return Literal(Decimal(tree.this) if "." in tree.this or "e" in tree.this.lower() else int(tree.this))


def _negative(tree: exp.Neg, text: str) -> Operand:
    inner = _operand(tree.this, text)
    if isinstance(inner, Literal) and isinstance(inner.value, int | float | Decimal):
        return Literal(-inner.value)
    return Call("-", (Literal(0), inner))


def _cast(tree: exp.Cast, text: str) -> Operand:
    kind = tree.to.sql(dialect="duckdb").lower()
    kind = _SAME_CASTS.get(kind, kind)
    if kind not in CASTS and not _DECIMAL.fullmatch(kind):
        raise QueryError(f"The condition {text!r} casts to {kind!r}; the types are {', '.join(CASTS)}.")
    return Cast(_operand(tree.this, text), kind)


def _call(name: str, arguments: list[Any], text: str) -> Operand:
    if name != "case":
        return Call(name, tuple(_operand(argument, text) for argument in arguments))
    whens = arguments[:-1]
    read = (_operand(each, text) if place % 2 else _predicate(each, text) for place, each in enumerate(whens))
    return Call(name, (*read, _operand(arguments[-1], text)))


def _distinct(tree: Any, text: str) -> Predicate:
    """IS [NOT] DISTINCT FROM, in words that are never unknown."""
    left, right = _operand(tree.this, text), _operand(tree.expression, text)
    missing = (IsNull(left), IsNull(right))
    same = Or((And((Not(missing[0]), Not(missing[1]), Compare("=", left, right))), And(missing)))
    return same if isinstance(tree, exp.NullSafeEQ) else Not(same)


def _function(tree: exp.Func, text: str) -> Operand:
    name = (tree.name if isinstance(tree, exp.Anonymous) else tree.sql_name()).lower()
    arguments = tree.expressions if isinstance(tree, exp.Anonymous) else list(_ordered_arguments(tree, text))
    if name in ("metric", _METRIC):
        names = [_text_argument(a, text) for a in arguments]
        if names:
            return MetricRef(names[0], tuple(parse_group_by(n) for n in names[1:]))
    if name == "attribute" and len(arguments) == 1:
        return Attribute(_text_argument(arguments[0], text))
    if name not in FUNCTIONS:
        raise QueryError(
            f"The condition {text!r} calls {name!r}; the functions are {', '.join(FUNCTIONS)}, "
            f"METRIC and ATTRIBUTE."
        )
    return Call(name, tuple(_operand(a, text) for a in arguments))


def _ordered_arguments(tree: exp.Func, text: str) -> Iterator[Any]:
    for key in tree.arg_types:
        value = tree.args.get(key)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, exp.Expression):
                yield item
            elif item:
                raise QueryError(f"The condition {text!r} has a part that conditions do not know: {key!r}.")


def _text_argument(tree: exp.Expression, text: str) -> str:
    if isinstance(tree, exp.Literal) and tree.is_string:
        return str(tree.this)
    if isinstance(tree, exp.Column) and len(tree.parts) == 1:
        return tree.name
    raise QueryError(f"In {text!r}, {tree.sql()!r} should be a quoted name, as in METRIC('mqls', 'account').")


_KNOWN_PARTS = {
    "this",
    "expression",
    "expressions",
    "low",
    "high",
    "to",
    "negate",
    "query",
    "is_string",
    "quoted",
}
_KNOWN_PARTS |= {"typed", "safe"}  # how a dialect divides by zero; rendered by the dialect
_KNOWN_PARTS |= {"unnest", "field"}  # refused by their own reader, with a better message
_PREDICATES: dict[type, Callable[[Any, str], Predicate]] = {
    exp.EQ: _compare("="),
    exp.NEQ: _compare("<>"),
    exp.LT: _compare("<"),
    exp.LTE: _compare("<="),
    exp.GT: _compare(">"),
    exp.GTE: _compare(">="),
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _like,
    exp.ILike: _like,
    exp.Not: lambda tree, text: Not(_predicate(tree.this, text)),
    exp.And: lambda tree, text: And(_flatten(And, tree, text)),
    exp.Or: lambda tree, text: Or(_flatten(Or, tree, text)),
    exp.Paren: lambda tree, text: _predicate(tree.this, text),
    exp.NullSafeEQ: _distinct,
    exp.NullSafeNEQ: _distinct,
}
_OPERANDS: dict[type, Callable[[Any, str], Operand]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: lambda tree, text: Literal(bool(tree.this)),
    exp.Null: lambda tree, text: Literal(None),
    exp.Neg: _negative,
    exp.Cast: _cast,
    exp.Date: lambda tree, text: Cast(_operand(tree.this, text), "date"),
    exp.Paren: lambda tree, text: _operand(tree.this, text),
    exp.Add: _arithmetic("+"),
    exp.Sub: _arithmetic("-"),
    exp.Mul: _arithmetic("*"),
    exp.Div: _arithmetic("/"),
    exp.Mod: _arithmetic("%"),
}
