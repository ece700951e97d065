"""The SQL of one scan: joined many-to-one, filtered, grouped and aggregated at its own grain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from semantic.compile.aggregates import aggregate, aggregate_where
from semantic.compile.days import DAY, FIRST, first_days
from semantic.compile.expressions import (
    alias,
    base_time,
    bound,
    cast,
    column,
    is_coarse,
    joined,
    minus,
    qualified,
    reached,
    real_time,
    relation,
    selected,
    truncated,
    value,
)
from semantic.compile.running import newly_seen, put_together, so_far
from semantic.compile.shift import aligned, data_time, instant, looked_at, shifted_from, shown_time
from semantic.plan import Aggregate, Answer, Balance, Calendar, Join, OwnPeriod, Range, Reach, Scan
from semantic.running import PERIOD, is_first_seen, is_over_all_time

MEMBER = "member"
"""The column of the top members' names."""
AnswerSql = Callable[[Answer, str], exp.Select]


def scan_sql(scan: Scan, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    """One SELECT that yields the scan's keys and aggregates. `answer_sql` compiles metrics in conditions."""
    if scan.shift is not None and scan.shift.pick:
        return picked(scan, dialect, answer_sql)
    if scan.fact_key or scan.balance:
        return narrowed(scan, dialect, answer_sql)
    select = selected(*key_columns(scan, dialect), *aggregates(scan, dialect))
    return grouped(rows(select, scan, dialect, answer_sql), len(scan.keys))


def aggregates(scan: Scan, dialect: str) -> list[exp.Expr]:
    if scan.of is not None:
        return [alias(put_together(item, scan.alias), item.column) for item in scan.aggregates]
    shown = shown_time(scan, dialect)
    return [alias(_aggregate(item, scan, dialect, shown), item.column) for item in scan.aggregates]


def _aggregate(item: Aggregate, scan: Scan, dialect: str, shown: exp.Expr | None) -> exp.Expr:
    node = qualified(item.expr, scan.alias, dialect)
    condition = joined([bound(condition, dialect, shown) for condition in item.conditions])
    if condition is None:
        one_each = (
            item.agg == "sum" and item.expr == "1" and scan.keys
        )  # a group has a row: never 0 for missing
        return exp.Count(this=exp.Star()) if one_each else aggregate(item, node)
    return aggregate_where(item, node, condition, dialect, bool(scan.keys))


def narrowed(scan: Scan, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    """Aggregate over chosen rows: each fact once where a join repeats it, or a balance's rows at one instant."""
    inner = selected(*key_columns(scan, dialect))
    if scan.fact_key:
        inner = inner.select(alias(qualified(scan.fact_key, scan.alias, dialect), "fact_key"), copy=False)
    inputs = {item.expr: f"input_{number}" for number, item in enumerate(scan.aggregates, 1)}
    for text, name in inputs.items():
        inner = inner.select(alias(qualified(text, scan.alias, dialect), name), copy=False)
    if scan.balance:
        inner = inner.select(*balance_columns(scan, scan.balance, dialect), copy=False)
    inner = rows(inner, scan, dialect, answer_sql)
    outer = selected(*(column(name, "facts") for name, _ in scan.keys))
    for item in scan.aggregates:
        outer = outer.select(
            alias(aggregate(item, column(inputs[item.expr], "facts")), item.column), copy=False
        )
    outer = outer.from_(
        (inner.distinct(copy=False) if scan.fact_key else inner).subquery(alias="facts", copy=False),
        copy=False,
    )
    if scan.balance:
        outer = outer.where(*at_the_instant(scan.balance), copy=False)
    return grouped(outer, len(scan.keys))


def balance_columns(scan: Scan, balance: Balance, dialect: str) -> list[exp.Expr]:
    """The row's instant, the instant that counts, and whether the other conditions hold."""
    grain = balance.time.data_grain or "day"
    time = truncated(real_time(balance.time, grain, dialect), grain)
    keys = dict(scan.keys)
    shown = shown_time(scan, dialect)
    parts = [reached(keys[name], dialect, shown) for name in balance.periods]
    parts += [reached(reach, dialect) for reach in balance.groupings]
    choose = exp.Min if balance.choice == "min" else exp.Max
    window = exp.Window(this=choose(this=time.copy()), partition_by=parts)
    columns: list[exp.Expr] = [alias(time, "instant"), alias(window, "counted_instant")]
    after = joined([bound(condition, dialect, shown) for condition in balance.after])
    return [*columns, alias(exp.Paren(this=after), "is_asked")] if after is not None else columns


def at_the_instant(balance: Balance) -> list[exp.Expr]:
    """That the row is at the instant that counts, and meets the other conditions."""
    found: list[exp.Expr] = [
        exp.EQ(this=column("instant", "facts"), expression=column("counted_instant", "facts"))
    ]
    return [*found, column("is_asked", "facts")] if balance.after else found


def picked(scan: Scan, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    """A running number at a coarser period: the value at its first or last instant, or the mean of its instants."""
    return one_of(scan, at_instants(scan, dialect, answer_sql))


def at_instants(scan: Scan, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    """A running number at each instant of the spine that it has a row at."""
    assert scan.shift is not None
    at = alias(instant(scan.shift), "instant")
    inner = selected(*key_columns(scan, dialect), at, *aggregates(scan, dialect))
    return grouped(rows(inner, scan, dialect, answer_sql), len(scan.keys) + 1)


def one_of(scan: Scan, inner: exp.Select) -> exp.Select:
    """The one value of each period, out of its instants'."""
    assert scan.shift is not None
    assert scan.shift.sliding is not None
    keys = [column(name, "instants") for name, _ in scan.keys]
    if scan.shift.sliding.period_agg == "average":
        outer = selected(*keys)
        for item in scan.aggregates:
            outer = outer.select(
                alias(exp.Avg(this=column(item.column, "instants")), item.column), copy=False
            )
        return grouped(outer.from_(inner.subquery(alias="instants", copy=False), copy=False), len(keys))
    order = exp.Ordered(this=column("instant", "instants"), desc=scan.shift.sliding.period_agg == "last")
    place = exp.Window(this=exp.RowNumber(), partition_by=keys, order=exp.Order(expressions=[order]))
    numbers = [column(item.column, "instants") for item in scan.aggregates]
    numbered = selected(*keys, *numbers, alias(place, "place")).from_(
        inner.subquery(alias="instants", copy=False), copy=False
    )
    names = [name for name, _ in scan.keys] + [item.column for item in scan.aggregates]
    outer = selected(*(column(name, "numbered") for name in names))
    first = exp.EQ(this=column("place", "numbered"), expression=exp.Literal.number(1))
    return outer.from_(numbered.subquery(alias="numbered", copy=False), copy=False).where(first, copy=False)


def key_columns(scan: Scan, dialect: str) -> list[exp.Expr]:
    shown = shown_time(scan, dialect)
    if scan.of is not None:
        keys = [
            (n, reached(r, dialect, shown) if r.is_clock else column(n, scan.alias)) for n, r in scan.keys
        ]
        return [alias(node, name) for name, node in keys]
    return [alias(reached(reach, dialect, shown), name) for name, reach in scan.keys]


def grouped(select: exp.Select, keys: int) -> exp.Select:
    return (
        select.group_by(*(exp.Literal.number(number) for number in range(1, keys + 1)), copy=False)
        if keys
        else select
    )


def rows(
    select: exp.Select, scan: Scan, dialect: str, answer_sql: AnswerSql, join_type: str = "left"
) -> exp.Select:
    """Add FROM, the joins and WHERE."""
    periods = by_period_sql(scan, dialect, answer_sql) if scan.of else None
    select = joins(shifted_from(select, scan, dialect, periods), scan, dialect, answer_sql, join_type)
    where = joined(wheres(scan, dialect))
    return select.where(where, copy=False) if where is not None else select


def joins(select: exp.Select, scan: Scan, dialect: str, answer_sql: AnswerSql, join_type: str) -> exp.Select:
    for join in scan.joins:
        select = joined_to(select, join, scan, dialect, join_type)
    shown = shown_time(scan, dialect)
    for calendar in scan.calendars:
        select = on_calendar(select, calendar, dialect, shown)
    for _, reach in scan.keys:
        if reach.top is not None and scan.of is None:
            select = _to_top(select, reach, dialect)
    for metric in scan.metric_joins:
        pairs: list[exp.Expr] = [
            exp.EQ(this=reached(reach, dialect, shown), expression=column(key, metric.alias))
            for reach, key in metric.keys
        ]
        table = answer_sql(metric.answer, dialect).subquery(alias=metric.alias, copy=False)
        select = select.join(table, on=joined(pairs), join_type=join_type, copy=False)
    return select


def _to_top(select: exp.Select, reach: Reach, dialect: str) -> exp.Select:
    """Join the top members, to tell them from the others."""
    assert reach.top is not None
    table, _ = reach.top
    on = same_member(reached(replace(reach, top=None), dialect), column(MEMBER, table))
    return select.join(exp.to_table(table), on=on, join_type="left", copy=False)


def same_member(mine: exp.Expr, theirs: exp.Expr) -> exp.Expr:
    """Equal, or both missing."""
    both_missing = exp.And(
        this=exp.Is(this=mine.copy(), expression=exp.Null()),
        expression=exp.Is(this=theirs.copy(), expression=exp.Null()),
    )
    return exp.Or(this=exp.EQ(this=mine, expression=theirs), expression=exp.Paren(this=both_missing))


def on_calendar(
    select: exp.Select, calendar: Calendar, dialect: str, shown: exp.Expr | None = None
) -> exp.Select:
    """Join the row of the calendar that the day is in."""
    of = calendar.of
    day = Reach(of.alias, of.expr, "time", "day", zone=of.zone, is_clock=of.is_clock)
    on = exp.EQ(
        this=reached(day, dialect, shown),
        expression=truncated(column(calendar.spine.column, calendar.alias), "day"),
    )
    table = relation(calendar.spine.relation, calendar.alias)
    return select.join(table, on=on, join_type="left", copy=False)


def wheres(scan: Scan, dialect: str) -> list[exp.Expr]:
    shown = shown_time(scan, dialect)
    found = [bound(condition, dialect, shown) for condition in scan.conditions]
    if scan.either:
        lists = [joined([bound(c, dialect, shown) for c in conditions]) for conditions in scan.either]
        found.append(exp.or_(*lists, copy=False))
    if scan.range is not None and scan.clock is not None:
        time = shown if shown is not None else base_time(scan.clock, dialect)
        grain = scan.shift.grain if scan.shift else scan.clock.data_grain
        found.extend(in_range(time, scan.range, grain))
        if scan.shift and scan.shift.bounds_data:
            found.extend(in_range(looked_at(scan.shift), scan.range, grain))
    return [*found, *aligned(scan)]


def in_range(time: exp.Expr, range_: Range, grain: str | None) -> list[exp.Expr]:
    """start <= time < end; or what lies in a window up to the end."""
    kind = "DATE" if is_coarse(grain) else "TIMESTAMP"
    found: list[exp.Expr] = []
    if range_.start is not None:
        found.append(exp.GTE(this=time.copy(), expression=value(range_.start, kind)))
    if range_.end is None:
        return found
    end = value(range_.end, kind)
    found.append(exp.LT(this=time.copy(), expression=end))
    if range_.back is not None:
        found.append(exp.GTE(this=time.copy(), expression=minus(end.copy(), range_.back)))
    if range_.to_date is not None:
        last = exp.Sub(
            this=cast(end.copy(), "TIMESTAMP"),
            expression=exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MICROSECOND")),
        )
        found.append(exp.GTE(this=time.copy(), expression=_began(last, range_.to_date)))
    return found


def _began(instant: exp.Expr, period: str | OwnPeriod) -> exp.Expr:
    """The start of the period that an instant is in."""
    if isinstance(period, str):
        return truncated(instant, period)
    on = exp.EQ(this=column(DAY, "looked_up"), expression=cast(instant, "DATE"))
    select = exp.Select().select(column(FIRST, "looked_up")).where(on, copy=False)
    return select.from_(first_days(period, "looked_up"), copy=False).subquery(copy=False)


def joined_to(
    select: exp.Select, join: Join, scan: Scan, dialect: str, join_type: str = "left"
) -> exp.Select:
    """A LEFT JOIN, so that a fact without a partner keeps its row."""
    pairs = [(join.parent, join.left, join.right), *join.partitions]
    on: list[exp.Expr] = [
        exp.EQ(this=qualified(left, parent, dialect), expression=qualified(right, join.alias, dialect))
        for parent, left, right in pairs
    ]
    if join.validity is not None:
        on.append(_valid(join, scan, dialect))
    return select.join(relation(join.relation, join.alias), on=joined(on), join_type=join_type, copy=False)


def _valid(join: Join, scan: Scan, dialect: str) -> exp.Expr:
    """The row that was valid at the fact's own time."""
    assert join.validity is not None
    assert scan.clock is not None
    start, end = (qualified(text, join.alias, dialect) for text in join.validity)
    time = qualified(scan.clock.expr, scan.clock.alias, dialect)
    open_end = exp.Or(
        this=exp.LT(this=time.copy(), expression=end),
        expression=exp.Is(this=end.copy(), expression=exp.Null()),
    )
    return exp.And(this=exp.GTE(this=time, expression=start), expression=exp.Paren(this=open_end))


def by_period_sql(scan: Scan, dialect: str, answer_sql: AnswerSql) -> exp.Expr:
    """The fact added up by period; over all time, what it has come to by then and how long that holds."""
    assert scan.of is not None
    assert scan.shift is not None
    if is_first_seen(scan):
        first = exp.Min(this=data_time(scan.of, scan.shift.grain, dialect))
        members = selected(*key_columns(scan.of, dialect), alias(first, PERIOD))
        members = grouped(rows(members, scan.of, dialect, answer_sql), len(scan.of.keys))
        periods = newly_seen(scan, members)
    else:
        periods = scan_sql(scan.of, dialect, answer_sql)
    if is_over_all_time(scan.shift):
        periods = so_far(scan, periods)
    return periods.subquery(alias=scan.alias, copy=False)
