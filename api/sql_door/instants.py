"""What a comparison of a time with a constant means: a span of time with a first and without a last instant.

A date means its whole day, as everywhere in Touchstone: `metric_time <= '2026-01-31'` has the last hour of January.
A timestamp means that instant. `=` with a midnight means the day, for by the day is how a bare time is shown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlglot import exp

from api.sql_door.constants import constant_value, is_constant, literal
from api.sql_door.refused import Refused
from semantic.definitions import METRIC_TIME

DAY = dt.timedelta(days=1)
TICK = dt.timedelta(microseconds=1)
_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ,
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """start <= time < stop; None is open."""

    start: dt.datetime | None = None
    stop: dt.datetime | None = None

    def meet(self, other: Span) -> Span:
        """What both allow."""
        starts = [span.start for span in (self, other) if span.start]
        stops = [span.stop for span in (self, other) if span.stop]
        return Span(max(starts, default=None), min(stops, default=None))

    @property
    def empty(self) -> bool:
        """Whether no instant is in it."""
        return bool(self.start and self.stop and self.start >= self.stop)


def span_of(node: exp.Expr, now: dt.datetime) -> Span | None:
    """The span of `metric_time >= X`, `X > metric_time`, `metric_time BETWEEN X AND Y`; None for anything else."""
    if isinstance(node, exp.Between) and _is_time(node.this):
        low, high = node.args["low"], node.args["high"]
        if is_constant(low) and is_constant(high):
            return Span(_meant(low, now).start, _meant(high, now).stop)
    found = _comparison(node)
    if found is None or found[0] is exp.NEQ:
        return None
    kind, constant = found
    meant = _meant(constant, now, whole_day=kind is exp.EQ)
    meanings: dict[type[exp.Expr], Span] = {
        exp.GTE: Span(meant.start, None),
        exp.GT: Span(meant.stop, None),
        exp.LT: Span(None, meant.start),
        exp.LTE: Span(None, meant.stop),
        exp.EQ: meant,
    }
    return meanings[kind]


def spelled_out(tree: exp.Expr, now: dt.datetime) -> exp.Expr:
    """A condition whose comparisons of times are written as bounds on a named grain, exact for every clock.

    >>> from sqlglot import parse_one
    >>> tree = parse_one("metric_time <= '2026-01-31' OR channel = 'a'", dialect="postgres")
    >>> spelled_out(tree, dt.datetime(2026, 3, 1)).sql()
    "(metric_time__day < '2026-02-01 00:00:00') OR channel = 'a'"
    """

    def spell(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.In) and _is_time(node.this) and all(map(is_constant, node.expressions)):
            return exp.paren(exp.or_(*[_bounds(_meant(e, now, whole_day=True)) for e in node.expressions]))
        found = _comparison(node)
        if found and found[0] is exp.NEQ:
            return exp.not_(exp.paren(_bounds(_meant(found[1], now, whole_day=True))))
        span = span_of(node, now)
        return exp.paren(_bounds(span)) if span else node

    return tree.transform(spell)


def _comparison(node: exp.Expr) -> tuple[type[exp.Expr], exp.Expr] | None:
    """The operator and the constant that `metric_time` is compared with."""
    kind = type(node)
    if kind not in _FLIPPED:
        return None
    left, right = node.this, node.expression
    if _is_time(left) and is_constant(right):
        return kind, right
    return (_FLIPPED[kind], left) if _is_time(right) and is_constant(left) else None


def _is_time(node: exp.Expr) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Cast) and node.to.this.name == "TIMESTAMP":
        node = node.this
    return isinstance(node, exp.Column) and node.name == METRIC_TIME


def _meant(node: exp.Expr, now: dt.datetime, whole_day: bool = False) -> Span:
    """A date is its day; an instant is itself, or its day where it is a midnight and `whole_day` is asked."""
    value = constant_value(node, now)
    is_date = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if is_date or (isinstance(value, str) and len(value.strip()) == len("2026-01-31")):
        whole_day = True
    at = constant_value(exp.cast(node.copy(), "TIMESTAMP"), now)
    if not isinstance(at, dt.datetime):
        shown = node.sql(dialect="postgres")[:80]
        raise Refused(f"{shown} is not a time. Write '2026-01-31', or TIMESTAMP '2026-01-31 12:00:00'.")
    return Span(at, at + (DAY if whole_day and is_midnight(at) else TICK))


def is_midnight(at: dt.datetime) -> bool:
    """Whether an instant is the first of its day."""
    return at.time() == dt.time()


def _bounds(span: Span) -> exp.Expr:
    parts = [_bound(exp.GTE, exp.GT, span.start)] if span.start else []
    parts += [_bound(exp.LT, exp.LTE, span.stop)] if span.stop else []
    return exp.and_(*parts)


def _bound(before: type[exp.Binary], after: type[exp.Binary], at: dt.datetime) -> exp.Expr:
    """A bound by the day at a midnight, by the second elsewhere; `after` is for the instant behind a whole second."""
    if is_midnight(at):
        return before(this=exp.column(f"{METRIC_TIME}__day"), expression=literal(at))
    behind = at.microsecond == 1
    whole = at - TICK if behind else at
    if whole.microsecond:
        raise Refused(f"{at}: in such a condition times are told apart by the second, not finer.")
    column = exp.column(f"{METRIC_TIME}__second")
    return (after if behind else before)(this=column, expression=literal(whole))
