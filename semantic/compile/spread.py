"""The SQL of values that are shared out over the days of their period."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.days import spine_table
from semantic.compile.expressions import alias, cast, column, plus, qualified, relation, truncated
from semantic.definitions import Window
from semantic.plan import Scan, Spread

_DAYS, _FROM, _UNTIL = "days", "spread_from", "spread_until"
_MONEY = "DECIMAL(38, 4)"


def spread_rows(scan: Scan, spread: Spread, dialect: str) -> exp.Subquery:
    """A row for each row of the fact and day of its period, with the day and the day's share."""
    name = scan.alias
    start, end = column(_FROM, name), column(_UNTIL, name)
    day = cast(column(spread.spine.column, _DAYS), "DATE")
    share = _share(qualified(spread.value, name, dialect), _days(start, day), _days(start, end))
    select = exp.Select().select(_everything(name), alias(day.copy(), spread.DAY), alias(share, spread.SHARE))
    on = exp.And(
        this=exp.GTE(this=day.copy(), expression=start.copy()),
        expression=exp.LT(this=day.copy(), expression=end.copy()),
    )
    select = select.from_(_periods(scan, spread, dialect), copy=False)
    days = spine_table(spread.spine, "day", _DAYS)
    return select.join(days, on=on, join_type="inner", copy=False).subquery(alias=name, copy=False)


def _periods(scan: Scan, spread: Spread, dialect: str) -> exp.Subquery:
    """The fact with a number for each row, the first day of its period and the day after the last."""
    time = qualified(spread.period, scan.alias, dialect)
    start = truncated(time, spread.grain)
    end = cast(plus(start.copy(), Window(1, spread.grain)), "DATE")
    number = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=time.copy())]))
    columns = (alias(number, spread.ROW), alias(start, _FROM), alias(end, _UNTIL))
    select = exp.Select().select(_everything(scan.alias), *columns)
    select = select.from_(relation(scan.relation, scan.alias), copy=False)
    return select.subquery(alias=scan.alias, copy=False)


def _everything(table: str) -> exp.Expr:
    return exp.Column(this=exp.Star(), table=exp.to_identifier(table))


def _days(start: exp.Expr, end: exp.Expr) -> exp.Expr:
    """How many days lie between two dates."""
    return exp.DateDiff(this=end.copy(), expression=start.copy(), unit=exp.var("DAY"))


def _share(amount: exp.Expr, before: exp.Expr, days: exp.Expr) -> exp.Expr:
    """What is due up to and with the day, less what was due before it; with the last day, all of it is."""
    place = exp.Add(this=before.copy(), expression=exp.Literal.number(1))
    is_last = exp.EQ(this=place.copy(), expression=days.copy())
    due = exp.Case().when(is_last, amount.copy()).else_(_due(amount, exp.Paren(this=place), days))
    return exp.Sub(this=due, expression=_due(amount, before, days))


def _due(amount: exp.Expr, count: exp.Expr, days: exp.Expr) -> exp.Expr:
    """The amount of so many of the days, to four decimals."""
    product = exp.Mul(this=cast(amount.copy(), "DOUBLE"), expression=count.copy())
    return exp.cast(exp.Div(this=exp.Paren(this=product), expression=days.copy()), exp.DataType.build(_MONEY))
