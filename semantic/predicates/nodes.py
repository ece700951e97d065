"""The closed set of nodes that conditions are made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from semantic.predicates.group_by import GroupBy

Scalar = str | int | float | bool | Decimal | dt.date | dt.datetime | None
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
POSITION = "str_position"
"""Where a text begins in another, from 1 on; 0 where it does not: `contains` takes % and _ as they are."""
CASTS = ("timestamp", "date", "text", "bigint", "int", "double", "decimal", "boolean")


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
NODE_TYPES = (
    DimensionRef, MetricRef, Literal, Attribute, Call, Cast,
    Compare, In, Between, Like, IsNull, Truth, Not, And, Or,
)  # fmt: skip
