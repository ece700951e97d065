"""Conditions as data: a closed set of frozen nodes that questions and the glossary share.

A condition is written as text in one small SQL-like language, or as a structured document.
Both become the same tree. The set of nodes is closed on purpose: no sub-query, no table,
no function that is not listed, so a condition can never reach around the semantic layer.

    region = 'EMEA' and metric_time__month >= '2026-01-01'
    listing__country_latest in ('us', 'nl') or listing__country_latest is null
    METRIC('bookings', 'listing') > 2          -- listings with more than two bookings
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from semantic.errors import BadValue, QueryError
from semantic.functions import FUNCTIONS, read_call

Scalar = str | int | float | bool | Decimal | dt.date | dt.datetime | None

GRAINS = (
    "nanosecond",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
)
DATE_PARTS = ("year", "quarter", "month", "day", "dow", "doy")
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
POSITION = "str_position"
"""Where a text begins in another, from 1 on; 0 where it does not: `contains` takes % and _ as they are."""
CASTS = ("timestamp", "date", "text", "bigint", "int", "double", "decimal", "boolean")
_SAME_CASTS = {"real": "double", "float": "double", "smallint": "int", "tinyint": "int"}
_DECIMAL = re.compile(r"decimal\(\d+, \d+\)")


@dataclass(frozen=True)
class GroupBy:
    """A dimension as asked: its name, and for a time dimension a grain or a part of the date.

    `metric_time:month`, `metric_time__month` and `metric_time__extract_year` are the text forms.
    A custom grain (`metric_time__fiscal_month`) is told from a name by the resolver,
    who knows the glossary; until then it is part of `name`.
    """

    name: str
    grain: str | None = None
    date_part: str | None = None

    @property
    def text(self) -> str:
        if self.date_part:
            return f"{self.name}__extract_{self.date_part}"
        return f"{self.name}__{self.grain}" if self.grain else self.name


@dataclass(frozen=True)
class DimensionRef:
    """The value of a dimension in the row at hand."""

    dimension: GroupBy


@dataclass(frozen=True)
class MetricRef:
    """The value of a metric for each member of some entities: `METRIC('bookings', 'listing')`.

    Without `by` it is the metric of the answer's own row, as in a `having` condition.
    """

    metric: str
    by: tuple[GroupBy, ...] = ()


@dataclass(frozen=True)
class Literal:
    """A value; it becomes a bound parameter."""

    value: Scalar


@dataclass(frozen=True)
class Attribute:
    """A property of the principal, filled in when the question is asked: `ATTRIBUTE('region')`."""

    name: str


@dataclass(frozen=True)
class Call:
    """A listed function, or an arithmetic operator, of operands; a `case` has conditions among them."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Cast:
    """An operand as another type."""

    operand: Operand
    type: str


Operand = DimensionRef | MetricRef | Literal | Attribute | Call | Cast


@dataclass(frozen=True)
class Compare:
    """Two operands and one of = <> < <= > >=."""

    op: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class In:
    """The operand is one of the values."""

    operand: Operand
    values: tuple[Operand, ...]


@dataclass(frozen=True)
class Between:
    """low <= operand <= high."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True)
class Like:
    """SQL LIKE; `insensitive` makes it ILIKE."""

    operand: Operand
    pattern: Operand
    insensitive: bool = False


@dataclass(frozen=True)
class IsNull:
    """The operand is missing."""

    operand: Operand


@dataclass(frozen=True)
class Truth:
    """A boolean operand that stands alone: `booking__is_instant`."""

    operand: Operand


@dataclass(frozen=True)
class Not:
    item: Predicate


@dataclass(frozen=True)
class And:
    items: tuple[Predicate, ...]


@dataclass(frozen=True)
class Or:
    items: tuple[Predicate, ...]


Predicate = Compare | In | Between | Like | IsNull | Truth | Not | And | Or
Node = Operand | Predicate


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, in writing order."""
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, NODE_TYPES):
                yield from walk(child)


def transform(node: Any, change: Callable[[Any], Any]) -> Any:
    """Rebuild a tree bottom up, giving each node to `change`."""
    updates = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            new: Any = tuple(transform(v, change) if isinstance(v, NODE_TYPES) else v for v in value)
        elif isinstance(value, NODE_TYPES):
            new = transform(value, change)
        else:
            continue
        if new != value:
            updates[field.name] = new
    return change(replace(node, **updates) if updates else node)


def dimensions_of(node: Node) -> tuple[GroupBy, ...]:
    """The dimensions that a condition reads (not those inside a metric condition), each once."""
    return tuple(dict.fromkeys(n.dimension for n in walk(node) if isinstance(n, DimensionRef)))


def metrics_of(node: Node) -> tuple[MetricRef, ...]:
    """The metric conditions inside a condition, each once."""
    return tuple(dict.fromkeys(n for n in walk(node) if isinstance(n, MetricRef)))


@lru_cache(maxsize=4096)
def parse_group_by(text: str) -> GroupBy:
    """Read one text form of a grouped dimension.

    >>> parse_group_by("metric_time:month")
    GroupBy(name='metric_time', grain='month', date_part=None)
    >>> parse_group_by("booking__ds__extract_dow").date_part
    'dow'
    """
    name, colon, grain = (part.strip() for part in text.strip().lower().partition(":"))
    if not name or (colon and not grain):
        raise BadValue(
            f"{text!r} is not a dimension. Write `name` or `name:grain`, as in `metric_time:month`."
        )
    if colon:
        part = grain.removeprefix("extract_")
        return GroupBy(name, date_part=part) if grain.startswith("extract_") else GroupBy(name, grain)
    stem, _, last = name.rpartition("__")
    if stem and last in GRAINS:
        return GroupBy(stem, last)
    if stem and last.startswith("extract_") and last.removeprefix("extract_") in DATE_PARTS:
        return GroupBy(stem, date_part=last.removeprefix("extract_"))
    return GroupBy(name)


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

NODE_TYPES = (
    DimensionRef, MetricRef, Literal, Attribute, Call, Cast,
    Compare, In, Between, Like, IsNull, Truth, Not, And, Or,
)  # fmt: skip

_OPERATORS: dict[str, str] = {
    "eq": "=", "=": "=", "==": "=", "ne": "<>", "<>": "<>", "!=": "<>",
    "lt": "<", "<": "<", "lte": "<=", "le": "<=", "<=": "<=",
    "gt": ">", ">": ">", "gte": ">=", "ge": ">=", ">=": ">=",
}  # fmt: skip
_WORDS = ("in", "not_in", "like", "not_like", "ilike", "contains", "between", "is_null", "not_null")


def predicate_from_document(document: Any) -> Predicate:
    """Read a condition from text or from a structured document.

    `{"dimension": "region", "op": "in", "value": ["EMEA", "AMER"]}`,
    `{"metric": "mqls", "op": "gt", "value": 3}`, `{"and": [...]}`, `{"or": [...]}`, `{"not": {...}}`.
    """
    if isinstance(document, str):
        return parse_predicate(document)
    if isinstance(document, NODE_TYPES):
        return document  # type: ignore[return-value]
    if not isinstance(document, Mapping):
        raise BadValue(f"{document!r} is not a condition. Write text, or {{'dimension', 'op', 'value'}}.")
    for key, kind in (("and", And), ("or", Or)):
        if key in document:
            if not isinstance(document[key], list | tuple) or not document[key]:
                raise BadValue(f"{key!r} in {document!r} needs a list of conditions.")
            return kind(tuple(predicate_from_document(item) for item in document[key]))
    if "not" in document:
        return Not(predicate_from_document(document["not"]))
    return _structured(document)


def _structured(document: Mapping[str, Any]) -> Predicate:
    op = str(document.get("op", "eq")).lower()
    operand = _subject(document)
    value = document.get("value", document.get("values"))
    for part in value if isinstance(value, list | tuple) else (value,):
        if not isinstance(part, Scalar):
            raise BadValue(f"{part!r} in {document!r} is not a value: write text, a number, true or false.")
    if op in _OPERATORS:
        if value is None:
            missing: Predicate = IsNull(operand)
            if _OPERATORS[op] in ("=", "<>"):
                return missing if _OPERATORS[op] == "=" else Not(missing)
            raise BadValue(f"{document!r} compares with nothing. Give a value, or use is_null.")
        if isinstance(value, list | tuple):
            raise BadValue(f"{document!r} compares with a list. Use the operator 'in'.")
        return Compare(_OPERATORS[op], operand, Literal(value))
    if op in ("in", "not_in"):
        found = _membership(operand, value, document)
        return Not(found) if op == "not_in" else found
    if op == "contains" and isinstance(value, str):
        texts = (Call("lower", (part,)) for part in (operand, Literal(value)))
        return Compare(">", Call(POSITION, tuple(texts)), Literal(0))
    if op in ("like", "ilike", "not_like"):
        like = Like(operand, Literal(value), op == "ilike")
        return Not(like) if op == "not_like" else like
    if op == "between" and isinstance(value, list | tuple) and len(value) == 2:
        return Between(operand, Literal(value[0]), Literal(value[1]))
    if op in ("is_null", "not_null", "is_not_null"):
        return IsNull(operand) if op == "is_null" else Not(IsNull(operand))
    known = sorted(
        {*_OPERATORS, "in", "not_in", "like", "ilike", "contains", "between", "is_null", "not_null"}
    )
    raise BadValue(
        f"{op!r} in {document!r} is no operator, or its value does not fit. One of: {', '.join(known)}."
    )


def _subject(document: Mapping[str, Any]) -> Operand:
    if "metric" in document:
        by = document.get("by", document.get("group_by", ())) or ()
        return MetricRef(str(document["metric"]), tuple(parse_group_by(str(name)) for name in by))
    if "dimension" not in document:
        raise BadValue(f"{document!r} names neither a 'dimension' nor a 'metric'.")
    dimension = parse_group_by(str(document["dimension"]))
    if document.get("grain"):
        dimension = GroupBy(dimension.name, str(document["grain"]))
    return DimensionRef(dimension)


def _membership(operand: Operand, value: Any, document: Mapping[str, Any]) -> Predicate:
    """NULL in a list means "is missing": SQL's own IN would silently match nothing."""
    if not isinstance(value, list | tuple):
        raise BadValue(f"{document!r} needs a list of values.")
    inside = In(operand, tuple(Literal(v) for v in value if v is not None))
    if None not in value:
        return inside
    return Or((inside, IsNull(operand))) if inside.values else IsNull(operand)
