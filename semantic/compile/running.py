"""The SQL of what a fact has come to, period after period."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.expressions import alias, cast, column, is_coarse, selected
from semantic.compile.shift import UNTIL
from semantic.plan import Aggregate, Scan
from semantic.running import COUNTED, PERIOD, PUT_TOGETHER


def put_together(item: Aggregate, table: str) -> exp.Expr:
    """The numbers of several periods as one."""
    kinds = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}
    return kinds[PUT_TOGETHER.get(item.agg, "sum")](this=column(item.column, table))


def newly_seen(scan: Scan, members: exp.Select) -> exp.Select:
    """How many members each period is the first of, from each member's first period."""
    keys = [column(name, "members") for name in (*_own_keys(scan), PERIOD)]
    number = alias(exp.Count(this=column(COUNTED, "members")), scan.aggregates[0].column)
    select = selected(*keys, number).from_(members.subquery(alias="members", copy=False), copy=False)
    return select.group_by(*(exp.Literal.number(n) for n in range(1, len(keys) + 1)), copy=False)


def so_far(scan: Scan, periods: exp.Select) -> exp.Select:
    """The running number after each period that has data, up to the next one that has."""
    assert scan.shift is not None
    keys = _own_keys(scan)
    select = selected(*(column(name, "periods") for name in (*keys, PERIOD)))
    for item in scan.aggregates:
        number = _over_periods(put_together(item, "periods"), keys, _SO_FAR)
        select = select.select(alias(number, item.column), copy=False)
    last = cast(exp.Literal.string("9999-12-31"), "DATE" if is_coarse(scan.shift.grain) else "TIMESTAMP")
    following = _over_periods(exp.Lead(this=column(PERIOD, "periods")), keys)
    select = select.select(alias(exp.Coalesce(this=following, expressions=[last]), UNTIL), copy=False)
    known = exp.Not(this=exp.Is(this=column(PERIOD, "periods"), expression=exp.Null()))
    return select.from_(periods.subquery(alias="periods", copy=False), copy=False).where(known, copy=False)


_SO_FAR = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")


def _over_periods(function: exp.Expr, keys: tuple[str, ...], frame: exp.WindowSpec | None = None) -> exp.Expr:
    order = exp.Order(expressions=[exp.Ordered(this=column(PERIOD, "periods"))])
    partition = [column(name, "periods") for name in keys]
    return exp.Window(
        this=function, partition_by=partition, order=order, spec=frame.copy() if frame else None
    )


def _own_keys(scan: Scan) -> tuple[str, ...]:
    return tuple(name for name, reach in scan.keys if not reach.is_clock)
