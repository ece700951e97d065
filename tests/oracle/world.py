"""The nouns of the oracle: tables, metrics and questions, small enough to read in a failure.

A world is a star or a snowflake: facts point to dimensions, dimensions may point to parents.
A dimension reference is a path of entities and a column, ``("d0", "d1") + "color"``; the path
of a fact's own columns is empty, and the column of a key itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Row = dict[str, Any]
Grain = Literal["day", "week", "month", "quarter", "year"]
Agg = Literal["sum", "count", "count_distinct", "average", "min", "max", "median"]


@dataclass(frozen=True)
class DimTable:
    """One row an entity: `id`, its attributes, and one column `<parent>_id` for each parent.

    With a history, an entity has several rows, each valid `valid_from` <= instant < `valid_to` (None: for ever).
    """

    name: str
    attributes: tuple[str, ...]
    parents: tuple[str, ...]
    rows: tuple[Row, ...]
    history: bool = False


@dataclass(frozen=True)
class FactTable:
    """One row an event: `ds` (a timestamp), `<dim>_id` keys, categories and integer measures.

    A row that was moved in time keeps the instant at which it truly happened as `own`.
    """

    name: str
    keys: tuple[str, ...]
    categories: tuple[str, ...]
    measures: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Ref:
    """A column seen from a fact: through `path`, the names of the dimensions to walk."""

    path: tuple[str, ...]
    column: str


@dataclass(frozen=True)
class TimeRef:
    """The metric's own clock cut at a grain."""

    grain: Grain


@dataclass(frozen=True)
class MetricBy:
    """A metric's value over all time for the member of a key that a row has."""

    metric: str
    key: Ref


@dataclass(frozen=True)
class Test:
    """One comparison; NULL on either side is unknown, so the row does not pass."""

    __test__ = False
    ref: Ref | TimeRef | MetricBy
    op: Literal["=", "!=", "in", "not in", "is null", "is not null", "<", ">="]
    value: Any = None


@dataclass(frozen=True)
class Simple:
    """An aggregate over one fact's rows; `measure` None counts rows."""

    name: str
    fact: str
    agg: Agg
    measure: str | None
    where: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Ratio:
    """Numerator over denominator, each at the asked grain; a zero denominator answers NULL."""

    name: str
    numerator: Simple
    denominator: Simple


@dataclass(frozen=True)
class Derived:
    """`left op right`, where right may look `offset_days` back."""

    name: str
    left: Simple
    right: Simple
    op: Literal["+", "-", "*"]
    offset_days: int = 0


@dataclass(frozen=True)
class Cumulative:
    """A running aggregate: over the last `days`, since the start of `to_grain`, or of all time."""

    name: str
    of: Simple
    days: int | None = None
    to_grain: Grain | None = None
    period: Literal["first", "last", "average"] = "first"


@dataclass(frozen=True)
class Balance:
    """A sum at the first or last instant of each asked period (of each entity, when `by` is set)."""

    name: str
    fact: str
    measure: str
    choice: Literal["min", "max"]
    by: str | None = None


@dataclass(frozen=True)
class Conversion:
    """How many base events were followed by a conversion of the same entity within `days`."""

    name: str
    base: str
    conversion: str
    entity: str
    days: int | None
    rate: bool


Metric = Simple | Ratio | Derived | Cumulative | Balance | Conversion


@dataclass(frozen=True)
class World:
    """All tables, the days of the calendar, and the metrics that may be asked."""

    dims: tuple[DimTable, ...]
    facts: tuple[FactTable, ...]
    days: tuple[datetime, ...] = field(repr=False)
    metrics: tuple[Metric, ...] = ()

    def dim(self, name: str) -> DimTable:
        """The dimension called `name`."""
        return next(table for table in self.dims if table.name == name)

    def fact(self, name: str) -> FactTable:
        """The fact called `name`."""
        return next(table for table in self.facts if table.name == name)


@dataclass(frozen=True)
class Kept:
    """The members at one place of the key that keep their name; the rest are `other`, or left out."""

    place: int
    members: tuple[Any, ...]
    other: str | None


@dataclass(frozen=True)
class Question:
    """What is asked: `first` and `last` are whole days of the clock, both included."""

    metrics: tuple[str, ...]
    group_by: tuple[Ref | TimeRef, ...] = ()
    where: tuple[Test, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    kept: Kept | None = None


@dataclass(frozen=True)
class Top:
    """The `count` members of the dimension at `place` with the highest `metric`."""

    place: int
    metric: str
    count: int
    other: str | None


@dataclass(frozen=True)
class Asked:
    """A question and what is shown of its answer; `having` and `order` name the answer's metrics and keys."""

    question: Question
    compare: Literal["previous_period", "previous_year"] | None = None
    top: Top | None = None
    share: tuple[str, ...] = ()
    having: tuple[tuple[str, Literal["<", ">="], int], ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    offset: int = 0


@dataclass
class Answer:
    """Group key to metric values; a key holds one entry for each grouped reference."""

    rows: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
