"""The plan of a question: frozen nodes that can be printed, compared and tested without SQL.

Scan     one fact at its own grain: joined many-to-one, filtered, grouped, aggregated
Stack    several facts under the same keys: UNION ALL, then grouped again, so that NULL keys meet
Answer   the formulas over the stacked columns, in the asked order
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from semantic.definitions import Percentile, TimeSpine, Window
from semantic.expand import Formula, Offset, Sliding
from semantic.predicates import GroupBy, MetricRef, Predicate


@dataclass(frozen=True)
class Slot:
    """A value of the question that is not part of its shape: `kind` is, the value is filled in last.

    kind: text, text_date, text_datetime (text that could be one), date, datetime, integer, number.
    `sample` is for messages only.
    """

    index: int
    kind: str
    sample: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class Join:
    """A join to the one side (or, marked, to the many side) of a key, from the alias `parent`."""

    alias: str
    model: str
    relation: str
    parent: str
    entity: str
    left: str
    right: str
    partitions: tuple[tuple[str, str, str], ...] = ()
    validity: tuple[str, str] | None = None
    reverse: bool = False


@dataclass(frozen=True)
class Reach:
    """A dimension found from a scan: an expression over the columns of `alias`.

    kind: 'categorical' or 'time'. `is_clock`: it is the measure's own time, so an offset or window moves it.
    `data_grain` is the finest grain that the data has; `zone` is set when the UTC value moves to a time zone.
    `top`: only the members in this table keep their name; the rest have the second.
    """

    alias: str
    expr: str
    kind: str
    grain: str | None = None
    date_part: str | None = None
    data_grain: str | None = None
    zone: str | None = None
    is_clock: bool = False
    calendar: str | None = None
    masked: bool = False
    top: tuple[str, str] | None = None


@dataclass(frozen=True)
class Calendar:
    """A join to a time spine to read an own period, for one reach."""

    alias: str
    spine: TimeSpine
    column: str
    of: Reach


@dataclass(frozen=True)
class MetricJoin:
    """A join to a metric's value for each member of some keys, for a condition on it."""

    alias: str
    ref: MetricRef
    keys: tuple[tuple[Reach, str], ...]
    value: str
    answer: Answer


@dataclass(frozen=True)
class Condition:
    """A predicate whose dimensions are found in the scan.

    on_data: it belongs to the definition, so it looks at the row's own time, not at the time that is shown.
    always: it says which rows exist at all (rights, a scenario such as the attribution model, the definition).
    """

    predicate: Predicate
    reaches: tuple[tuple[GroupBy, Reach], ...]
    metrics: tuple[tuple[MetricRef, str, str], ...] = ()
    on_data: bool = False
    always: bool = False


@dataclass(frozen=True)
class OwnPeriod:
    """A period of an own calendar: each day of the spine has it in this column."""

    name: str
    spine: TimeSpine
    column: str


@dataclass(frozen=True)
class Range:
    """start <= the clock < end; an open side is None. Slots hold dates or datetimes.

    aligned: the coarsest grain whose periods the range is made of. back, to_date: bound the start by a window
    before the end, or by the start of the period that the end is in. length: how long it is, where that is asked.
    """

    start: Slot | None
    end: Slot | None
    aligned: str = "day"
    back: Window | None = None
    to_date: str | OwnPeriod | None = None
    length: Window | None = None


@dataclass(frozen=True)
class Aggregate:
    """One aggregated column; `conditions` count only for this column.

    filled: where nothing meets them the answer fills in 0 anyway, so a count need not say that it is missing.
    """

    column: str
    agg: str
    expr: str
    percentile: Percentile | None = None
    conditions: tuple[Condition, ...] = ()
    filled: bool = False


@dataclass(frozen=True)
class Shift:
    """The data lies at another time than the one that is shown.

    With a spine, each instant of `grain` on it is shown with the data that its offsets and window lead to.
    Without one, the data's own time is moved (`moved`, forward), which is exact where whole periods of `grain`
    move onto whole periods. `calendar_offset` moves over the periods of an own calendar.
    `aligned`: only instants that begin one of these periods are shown; `at_start`: only the first one of the range.
    `pick`: one instant's value stands for the whole shown period. `bounds_data`: the range bounds the instants that
    the offsets lead to as well. `own`: the periods of own calendars among the names of grains here.
    """

    grain: str
    spine: TimeSpine | None = None
    offsets: tuple[Offset, ...] = ()
    sliding: Sliding | None = None
    pick: bool = False
    aligned: tuple[str, ...] = ()
    moved: tuple[Window, ...] = ()
    calendar_offset: CalendarOffset | None = None
    bounds_data: bool = False
    at_start: bool = False
    own: tuple[OwnPeriod, ...] = ()

    def own_period(self, name: str) -> OwnPeriod | None:
        """The period of an own calendar with this name; None for a standard grain."""
        return next((period for period in self.own if period.name == name), None)


@dataclass(frozen=True)
class CalendarOffset:
    """Move days by a number of an own calendar's periods: the k-th day to the k-th day, at most the last."""

    spine: TimeSpine
    column: str
    count: int


@dataclass(frozen=True)
class Balance:
    """Keep only the rows at the first or last instant of `time` within each period and group.

    The instant is found among the rows that meet the scan's own conditions; `after` are applied once it is found.
    """

    time: Reach
    choice: str
    periods: tuple[str, ...]
    groupings: tuple[Reach, ...]
    after: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class LiteralRows:
    """A table that is written into the statement: names and SQL types of its columns, values as text.

    `words` say what it holds.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | None, ...], ...]
    words: str = ""


@dataclass(frozen=True)
class Spread:
    """Each row's value shared out evenly over the days of its period, so that the days add up to exactly the value.

    The days are `DAY`, the shares `SHARE`; `ROW` tells the rows apart that are repeated for each day.
    """

    spine: TimeSpine
    period: str
    grain: str
    value: str

    DAY: ClassVar[str] = "spread_day"
    SHARE: ClassVar[str] = "spread_value"
    ROW: ClassVar[str] = "spread_row"


@dataclass(frozen=True)
class Scan:
    """One fact: its joins, conditions, group columns and aggregates.

    either: a row meets one of these lists of conditions at least, each that of some aggregates.
    of: a running number is read from this scan by period, which has its joins and its conditions on the data.
    """

    name: str
    model: str
    relation: str
    alias: str
    keys: tuple[tuple[str, Reach], ...]
    aggregates: tuple[Aggregate, ...]
    joins: tuple[Join, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    metric_joins: tuple[MetricJoin, ...] = ()
    conditions: tuple[Condition, ...] = ()
    either: tuple[tuple[Condition, ...], ...] = ()
    clock: Reach | None = None
    range: Range | None = None
    shift: Shift | None = None
    balance: Balance | None = None
    fact_key: str | None = None
    of: Scan | None = None
    notes: tuple[str, ...] = ()
    literal: LiteralRows | None = None
    spread: Spread | None = None


@dataclass(frozen=True)
class SpineFill:
    """A row for each period of the spine within the range, joined to the rows of `inner`.

    `clocks` are the key columns that the spine gives. `again` are the question's conditions on other keys:
    a period without rows does not meet them. `instants`: a running number is filled (with `fills`) at each instant
    of this grain, before one of a period's instants stands for all of it.
    """

    name: str
    inner: Scan | Paired
    spine: TimeSpine
    clocks: tuple[tuple[str, Reach], ...]
    calendars: tuple[Calendar, ...]
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    range: Range | None = None
    on_clock: tuple[Condition, ...] = ()
    again: tuple[tuple[Predicate, tuple[tuple[GroupBy, str], ...]], ...] = ()
    instants: str | None = None
    fills: tuple[tuple[str, int | float], ...] = ()


@dataclass(frozen=True)
class Paired:
    """Conversions, each counted once, with its latest base event within the window before it.

    The base scan gives the keys; `tie` orders base events of the same instant. `same` pairs properties that
    must be equal on both events.
    """

    name: str
    base: Scan
    conversion: Scan
    base_entity: str
    conversion_entity: str
    window: Window | None
    same: tuple[tuple[Reach, Reach], ...]
    tie: str | None
    conversion_id: str | None


@dataclass(frozen=True)
class Members:
    """The members of some dimensions, without any fact: every combination that the joined tables hold."""

    name: str
    scan: Scan
    spine: TimeSpine | None = None
    min_max: bool = False


Source = Scan | SpineFill | Paired | Members


@dataclass(frozen=True)
class Output:
    """A column of the answer made by a formula over the leaves' columns; `metric` is whose column it is."""

    name: str
    formula: Formula
    role: Literal["metric", "comparison", "share", "dimension"] = "metric"
    metric: str | None = None
    format: str = ""


@dataclass(frozen=True)
class TopMembers:
    """The members that are shown by name; the rest are together as `other`, or left out where that is None."""

    name: str
    key: str
    answer: Answer
    other: str | None


@dataclass(frozen=True)
class Order:
    """Sort by a column of the answer; missing values last."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Answer:
    """The whole question. `columns` maps each leaf to the column that holds it.

    totals: the same without groups, for shares of it. until: periods of this key after the last one that these
    sources have are not shown. top: the members that are kept apart from the others.
    """

    keys: tuple[str, ...]
    sources: tuple[Source, ...]
    contributing: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[tuple[Any, str], ...]
    fills: tuple[tuple[str, int | float], ...]
    outputs: tuple[Output, ...]
    having: tuple[Predicate, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    distinct: bool = True
    min_max: bool = False
    notes: tuple[str, ...] = ()
    totals: Answer | None = None
    until: tuple[str, tuple[str, ...]] | None = None
    top: TopMembers | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The answer's columns, in order."""
        if self.min_max and not self.outputs:
            return tuple(f"{key}__{end}" for key in self.keys for end in ("min", "max"))
        return (*self.keys, *(output.name for output in self.outputs))

    def grain_of(self, key: str) -> str | None:
        """The grain of a key column, or None."""
        for source in self.sources:
            for name, reach in scan_of(source).keys:
                if name == key:
                    return reach.grain
        return None


def scan_of(source: Source) -> Scan:
    """The scan that gives a source its keys."""
    if isinstance(source, SpineFill):
        return scan_of(source.inner)
    if isinstance(source, Paired):
        return source.base
    return source.scan if isinstance(source, Members) else source
