"""The SQL of looking at another time: through a time spine, by moving, or over an own calendar."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.days import DAY, FIRST, first_days, spine_table
from semantic.compile.expressions import (
    alias,
    base_time,
    cast,
    column,
    is_coarse,
    joined,
    minus,
    plus,
    relation,
    selected,
    truncated,
    value,
)
from semantic.compile.literal import literal_rows
from semantic.compile.spread import spread_rows
from semantic.plan import CalendarOffset, OwnPeriod, Scan, Shift
from semantic.running import PERIOD, is_over_all_time

SHOWN = "shown"
MOVED = "moved"
TO_DATE = "to_date"
UNTIL = "data_until"
"""Up to which period a number over all time stays what it is."""


def shown_time(scan: Scan, dialect: str) -> exp.Expr | None:
    """The instant that is shown for a row, where it is not the row's own."""
    shift = scan.shift
    if shift is None:
        return None
    if shift.calendar_offset is not None:
        return column("shown_day", SHOWN if shift.spine is None else MOVED)
    time = instant(shift) if shift.spine is not None else data_time(scan, shift.grain, dialect)
    for window in reversed(shift.moved):  # the innermost first: 24 January is a week later in January
        time = plus(time, window)
    return time


def instant(shift: Shift) -> exp.Expr:
    """The spine's instant that a row is collected for."""
    assert shift.spine is not None
    return column(shift.spine.column, SHOWN)


def data_time(scan: Scan, grain: str, dialect: str) -> exp.Expr:
    """The period of the row itself."""
    assert scan.clock is not None
    return truncated(base_time(scan.clock, dialect), grain)


def shifted_from(
    select: exp.Select, scan: Scan, dialect: str, by_period: exp.Expr | None = None
) -> exp.Select:
    """FROM the fact (or what it was added up to by period), or from the spine joined to it."""
    shift = scan.shift
    fact = by_period or _fact(scan, dialect)
    if shift is None or (shift.spine is None and shift.calendar_offset is None):
        return select.from_(fact, copy=False)
    if shift.calendar_offset is not None and shift.spine is None:
        on = exp.EQ(this=data_time(scan, "day", dialect), expression=column("data_day", SHOWN))
        return select.from_(fact, copy=False).join(
            moved_days(shift.calendar_offset, SHOWN), on=on, join_type="inner", copy=False
        )
    assert shift.spine is not None
    select = select.from_(spine_table(shift.spine, shift.grain, SHOWN), copy=False)
    if shift.calendar_offset is not None:
        on = exp.EQ(this=column("data_day", MOVED), expression=cast(instant(shift), "DATE"))
        select = select.join(moved_days(shift.calendar_offset, MOVED), on=on, join_type="inner", copy=False)
    for name, period, day in [*_looked_up(shift), *_begun(shift)]:
        on = exp.EQ(this=column(DAY, name), expression=cast(day, "DATE"))
        select = select.join(first_days(period, name), on=on, join_type="inner", copy=False)
    return select.join(fact, on=_window(scan, shift, dialect), join_type="inner", copy=False)


def _fact(scan: Scan, dialect: str) -> exp.Expr:
    """The table itself, rows that are written out, or rows that are shared out over days."""
    if scan.literal is not None:
        return literal_rows(scan.literal, scan.alias)
    if scan.spread is not None:
        return spread_rows(scan, scan.spread, dialect)
    return relation(scan.relation, scan.alias)


def _window(scan: Scan, shift: Shift, dialect: str) -> exp.Expr:
    """Which of the data belongs to a shown instant."""
    assert shift.spine is not None
    data = column(PERIOD, scan.alias) if scan.of else data_time(scan, shift.grain, dialect)
    target = looked_at(shift)
    if scan.of and is_over_all_time(shift):
        after = exp.GT(this=column(UNTIL, scan.alias), expression=target.copy())
        return exp.And(this=exp.LTE(this=data, expression=target), expression=after)
    if shift.sliding is None:
        return exp.EQ(this=data, expression=target)
    bounds: list[exp.Expr] = [exp.LTE(this=data, expression=target)]
    if shift.sliding.window is not None:
        bounds.append(exp.GT(this=data.copy(), expression=minus(target.copy(), shift.sliding.window)))
    elif shift.sliding.grain_to_date is not None:
        bounds.append(
            exp.GTE(this=data.copy(), expression=_began(shift, target, shift.sliding.grain_to_date))
        )
    found = joined(bounds)
    assert found is not None
    return found


def looked_at(shift: Shift) -> exp.Expr:
    """The instant that a shown instant's offsets lead to."""
    return _steps(shift)[0]


def _steps(shift: Shift) -> tuple[exp.Expr, list[tuple[str, OwnPeriod, exp.Expr]]]:
    """Where the offsets lead, and the look-ups in own calendars on the way: a name, the period, the day."""
    target = instant(shift)
    found = []
    for number, offset in enumerate(shift.offsets, 1):
        if offset.window is not None:
            target = minus(target, offset.window)
        elif offset.to_grain is not None:
            period = shift.own_period(offset.to_grain)
            if period is None:
                target = truncated(target, offset.to_grain)
            else:
                found.append((f"start_{number}", period, target))
                target = column(FIRST, f"start_{number}")
    return target, found


def _looked_up(shift: Shift) -> list[tuple[str, OwnPeriod, exp.Expr]]:
    """The look-ups that a running number, or an offset, needs."""
    target, found = _steps(shift)
    period = shift.own_period(shift.sliding.grain_to_date or "") if shift.sliding else None
    return [*found, (TO_DATE, period, target.copy())] if period else found


def _began(shift: Shift, target: exp.Expr, grain: str) -> exp.Expr:
    """The start of the period that an instant is in."""
    return column(FIRST, TO_DATE) if shift.own_period(grain) else truncated(target.copy(), grain)


def _begun(shift: Shift) -> list[tuple[str, OwnPeriod, exp.Expr]]:
    """The look-ups for periods of own calendars that shown instants must begin."""
    assert shift.spine is not None
    shown = column(shift.spine.column, SHOWN)
    periods = [period for grain in shift.aligned if (period := shift.own_period(grain))]
    return [(f"begins_{period.name}", period, shown.copy()) for period in periods]


def aligned(scan: Scan) -> list[exp.Expr]:
    """Only instants that begin one of the shown periods, or the range where no period is shown."""
    shift = scan.shift
    if shift is None or shift.spine is None:
        return []
    shown = column(shift.spine.column, SHOWN)
    if shift.at_start and scan.range is not None:
        kind = "DATE" if is_coarse(shift.grain) else "TIMESTAMP"
        return [exp.EQ(this=shown, expression=value(scan.range.start, kind))]
    if not shift.aligned:
        return []
    own = {period.name: name for name, period, _ in _begun(shift)}
    starts = [
        exp.EQ(
            this=column(FIRST, own[grain]) if grain in own else truncated(shown.copy(), grain),
            expression=shown.copy(),
        )
        for grain in shift.aligned
    ]
    return [exp.or_(*starts, copy=False)]


def moved_days(offset: CalendarOffset, table: str) -> exp.Expr:
    """Each day of the calendar, and the day a number of periods later: the k-th for the k-th, at most the last."""
    days = selected(
        alias(column(offset.spine.column, "spine"), "data_day"),
        alias(column(offset.column, "spine"), "period"),
        alias(_over(exp.RowNumber(), "spine", offset.column, offset.spine.column), "place"),
    )
    days = days.from_(relation(offset.spine.relation, "spine"), copy=False)
    ends = selected(
        alias(column(offset.column, "spine"), "period"),
        alias(exp.Min(this=column(offset.spine.column, "spine")), "first_day"),
        alias(exp.Max(this=column(offset.spine.column, "spine")), "last_day"),
    )
    ends = ends.from_(relation(offset.spine.relation, "spine"), copy=False).group_by(
        exp.Literal.number(1), copy=False
    )
    later = selected(column("period", "periods"))
    for name in ("first_day", "last_day"):
        lead = exp.Lead(this=column(name, "periods"), offset=exp.Literal.number(offset.count))
        order = exp.Order(expressions=[exp.Ordered(this=column("period", "periods"))])
        later = later.select(alias(exp.Window(this=lead, order=order), name), copy=False)
    later = later.from_(ends.subquery(alias="periods", copy=False), copy=False)
    return _paired_days(days, later).subquery(alias=table, copy=False)


def _paired_days(days: exp.Select, later: exp.Select) -> exp.Select:
    place = exp.Sub(this=column("place", "days"), expression=exp.Literal.number(1))
    day = cast(exp.DateAdd(this=column("first_day", "later"), expression=place, unit=exp.var("DAY")), "DATE")
    last = cast(column("last_day", "later"), "DATE")
    shown = exp.Case().when(exp.LTE(this=day, expression=last), day.copy()).else_(last.copy())
    select = selected(
        alias(cast(column("data_day", "days"), "DATE"), "data_day"),
        alias(shown, "shown_day"),
    )
    on = exp.EQ(this=column("period", "days"), expression=column("period", "later"))
    return select.from_(days.subquery(alias="days", copy=False), copy=False).join(
        later.subquery(alias="later", copy=False), on=on, copy=False
    )


def _over(function: exp.Expr, table: str, partition: str, order: str) -> exp.Expr:
    return exp.Window(
        this=function,
        partition_by=[column(partition, table)],
        order=exp.Order(expressions=[exp.Ordered(this=column(order, table))]),
    )
