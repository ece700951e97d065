"""Answer from what was reported: find the closings that a question needs, and the rows that give exactly its numbers.

A number is taken from the grouping set that the question asks for, or added up from a finer one where the metric
is additive; a ratio may be made again from its closed parts. Anything else is refused with the sets that are kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from semantic.closed_metrics import Chosen, Wanted, built, choice
from semantic.closings import Closing, Closings, first_day, in_force, known_at, next_month, not_closed
from semantic.definitions import METRIC_TIME, Glossary
from semantic.errors import AccessDenied, Refusal
from semantic.expand import metric_of
from semantic.fingerprint import fingerprint
from semantic.names import Spec, specs_of, split_grain
from semantic.plan import Range
from semantic.predicates import (
    And,
    Compare,
    DimensionRef,
    GroupBy,
    In,
    IsNull,
    Literal,
    Operand,
    Or,
    Predicate,
    dimensions_of,
    metrics_of,
)
from semantic.query import Query, TimeRange
from semantic.reported import CHANGED, SAME, Reported
from semantic.rights import Rights
from semantic.shape import shaped

LIVE = "live"
_SHOWN = ("month", "quarter", "year")


def reported(query: Query, glossary: Glossary, rights: Rights, closings: Closings) -> Reported | None:
    """The closed numbers that a question asks for; None where it asks for live ones only. Raises Refusal."""
    alone = query.as_of not in (None, LIVE)
    if not alone and query.compare != "as_reported":
        return None
    for name in query.metrics:
        metric_of(glossary, name)
        rights.check_metric(name)
    _check_question(query, alone)
    heads = closings.heads()
    held = known_at(heads, _month(query)) if alone else in_force(heads)
    if not held:
        raise Refusal(
            "compare: as_reported needs a closed month, and none is closed. Close one with `touchstone close 2026-10`, "
            "then compare with it."
        )
    if alone:
        query = _within(query)
    query, time = _time(query, glossary)
    range_ = shaped(query).range
    months = _months(range_, held, time, alone, heads)
    _check_settings(query, glossary, [held[month] for month in months if month in held])
    wanted = _wanted(query, glossary, rights, time, months, alone)
    return _reported(query, glossary, wanted, held, closings, alone)


def _month(query: Query) -> str:
    assert query.as_of is not None
    first_day(query.as_of)
    return query.as_of


def _check_question(query: Query, alone: bool) -> None:
    what = f"as_of: {query.as_of}" if alone else "compare: as_reported"
    if not query.metrics:
        raise Refusal(f"{what} asks for closed numbers: name a metric.")
    if alone and query.compare is not None:
        raise Refusal(
            f"as_of answers with what was reported alone, so compare: {query.compare} has nothing live beside it. Ask "
            f"compare: as_reported without as_of to see both."
        )
    if any(metrics_of(condition) for condition in query.where):
        raise Refusal(f"{what}: a condition on METRIC(...) needs the facts, and only numbers were kept.")


def _within(query: Query) -> Query:
    """Without a range, the month itself; a range must not go beyond it."""
    month = first_day(_month(query))
    last = next_month(month) - dt.timedelta(days=1)
    if query.time_range is None:
        return replace(query, time_range=TimeRange(month, last))
    end = query.time_range.end
    if query.time_range.start is None or end is None:
        raise Refusal("as_of needs a time range with both ends, or none for the month itself.")
    if (end.date() if isinstance(end, dt.datetime) else end) > last:
        raise Refusal(f"as_of {query.as_of} knows nothing of the time after it: end the range by {last}.")
    return query


@dataclass(frozen=True)
class _Time:
    """How time is shown: the key column and its grain; neither where it is not."""

    column: str | None = None
    grain: str | None = None


def _time(query: Query, glossary: Glossary) -> tuple[Query, _Time]:
    """Closed numbers are by month: the question must show months or longer, and bound them by its range only."""
    for condition in query.where:
        if any(split_grain(glossary, item).name == METRIC_TIME for item in dimensions_of(condition)):
            raise Refusal(
                "Closed numbers are kept by month: bound them by the time range, not by a condition."
            )
    if query.as_of not in (None, LIVE):  # a bare metric_time is the month that they are kept by
        bare = GroupBy(METRIC_TIME)
        query = replace(
            query, group_by=tuple(GroupBy(METRIC_TIME, "month") if g == bare else g for g in query.group_by)
        )
    clocks = [spec for spec in specs_of(glossary, query.group_by) if spec.is_metric_time]
    if len(clocks) > 1 or any(spec.grain not in _SHOWN for spec in clocks):
        shown = ", ".join(spec.grain or spec.date_part or "day" for spec in clocks)
        raise Refusal(
            f"Closed numbers are kept by month; there is none by {shown}. Group by one of metric_time:month, "
            f"metric_time:quarter, metric_time:year.",
            ["metric_time:month"],
        )
    return query, _Time(clocks[0].column, clocks[0].grain) if clocks else _Time()


def _months(
    range_: Range | None, held: dict[str, Closing], time: _Time, alone: bool, heads: Iterable[Closing]
) -> tuple[str, ...]:
    """The months that the question is about; with as_of each must be closed."""
    start = range_.start.sample if range_ and range_.start else None
    end = range_.end.sample if range_ and range_.end else None
    if range_ is not None and range_.aligned not in _SHOWN:
        raise Refusal("Closed numbers are kept by month: give a time range of whole months.")
    if time.column is None and (start is None or end is None):
        raise Refusal(
            "compare: as_reported needs a period: group by metric_time:month, or give a time range of months."
        )
    first = start or first_day(min(held))
    found, day, last = [], first, end or next_month(first_day(max(held)))
    if time.grain in ("quarter", "year"):  # an open end leaves the whole of the period that it is in
        day = first if start else first.replace(month=1)
        last = last if end else last.replace(year=last.year + 1, month=1)
    while day < last:
        found.append(f"{day:%Y-%m}")
        day = next_month(day)
    if alone:
        for month in found:
            if month not in held:
                raise not_closed(month, heads)
    return tuple(found)


def _check_settings(query: Query, glossary: Glossary, used: list[Closing]) -> None:
    zone = query.time_zone or glossary.settings.time_zone
    for head in used:
        if head.time_zone != zone:
            raise Refusal(
                f"{head.month} was closed with days that begin in {head.time_zone}, not in {zone}; ask in that zone.",
                [head.time_zone],
            )
        if head.currency != glossary.settings.reporting_currency:
            raise Refusal(
                f"{head.month} was reported in {head.currency!r}, and money is in "
                f"{glossary.settings.reporting_currency!r} today."
            )


def _wanted(
    query: Query, glossary: Glossary, rights: Rights, time: _Time, months: tuple[str, ...], alone: bool
) -> Wanted:
    specs = [spec for spec in specs_of(glossary, query.group_by) if not spec.is_metric_time]
    _check_plain(specs)
    grouped = {spec.name for spec in specs}
    rows = {split_grain(glossary, d).name for p in rights.rows for d in dimensions_of(p)}
    if any(metrics_of(condition) for condition in rights.rows) or not all(map(_is_plain, rights.rows)):
        raise AccessDenied(
            f"{rights.name!r} may see only certain rows, by a condition that closed numbers cannot be held to: only "
            f"=, in and is null can be read from what was kept. Ask without as_of and as_reported."
        )
    filtered = {split_grain(glossary, d).name for p in query.where for d in dimensions_of(p)}
    pinned = {name for p in (*query.where, *rights.rows) for name in _pinned(p)}
    masked = grouped & set(rights.masked)
    return Wanted(
        dimensions=tuple(sorted(grouped | filtered | rows)),
        fixed=frozenset(grouped | pinned),
        by_rows=rights.rows,
        unseen=tuple(sorted(masked - rows)),  # the members of a row filter are its own
        months=months,
        key=time.column,
        grain=time.grain,
        attribution_model=query.attribution_model,
        sums_only=bool(query.top or (alone and query.share_of_total) or masked),
        one_row=not query.group_by,
        filtered=bool(query.where or rights.rows),
        alone=alone,
        rights=rights,
    )


def _check_plain(specs: list[Spec]) -> None:
    for spec in specs:
        if spec.grain or spec.date_part:
            raise Refusal(f"Closed numbers are kept by words, not by {spec.column!r}; leave it out.")


def _pinned(predicate: Predicate) -> set[str]:
    """The dimensions that a condition holds to one member, a missing one included."""
    if isinstance(predicate, And):
        return {name for item in predicate.items for name in _pinned(item)}
    if isinstance(predicate, IsNull) and isinstance(predicate.operand, DimensionRef):
        return {predicate.operand.dimension.name}
    operand: Operand | None = None
    if isinstance(predicate, Compare) and predicate.op == "=" and isinstance(predicate.right, Literal):
        operand = predicate.left
    elif isinstance(predicate, In) and len(predicate.values) == 1:
        operand = predicate.operand
    return {operand.dimension.name} if isinstance(operand, DimensionRef) else set()


def _is_plain(predicate: Predicate) -> bool:
    """A condition of equalities, whose rows can be told from kept text: `region = 'EMEA'`, in, is null, and, or."""
    if isinstance(predicate, And | Or):
        return all(_is_plain(item) for item in predicate.items)
    if isinstance(predicate, Compare):
        named = isinstance(predicate.left, DimensionRef) and isinstance(predicate.right, Literal)
        return named and predicate.op == "="
    if isinstance(predicate, In):
        plain = all(isinstance(value, Literal) for value in predicate.values)
        return plain and isinstance(predicate.operand, DimensionRef)
    return isinstance(predicate, IsNull) and isinstance(predicate.operand, DimensionRef)


def _reported(
    query: Query,
    glossary: Glossary,
    wanted: Wanted,
    held: dict[str, Closing],
    closings: Closings,
    alone: bool,
) -> Reported:
    chosen: dict[str, Chosen] = {}
    notes: list[str] = []
    asked = (*query.metrics, *((query.top.metric,) if query.top else ()))
    for name in dict.fromkeys(asked):
        found = choice(name, glossary, wanted, held, closings)
        if isinstance(found, Refusal):
            if alone or len(query.metrics) == 1:
                raise found
            notes.append(found.message)
        else:
            chosen[name] = found
    if not chosen:
        raise Refusal(f"Nothing was reported of {', '.join(query.metrics)}: {' '.join(notes)}")
    made = built(chosen, glossary, wanted, held)
    used = sorted({month for item in chosen.values() for month in item.months})
    definitions, said = _definitions(chosen, glossary, wanted, held, closings)
    return Reported(
        query=_without_default_model(query, made.splits_models) if alone else query,
        glossary=made.glossary,
        alone=alone,
        key=wanted.key,
        formulas=made.formulas,
        rows=made.rows,
        definitions=definitions,
        notes=(*_notes(used, wanted, held), *made.notes, *said, *notes),
        token=(
            alone,
            wanted.key,
            wanted.grain,
            *((m, held[m].number, held[m].digest) for m in used),
            wanted.months,
        ),
        freshness=_freshness(held[_month(query)]) if alone else {},
        fingerprints=_fingerprints(chosen, held, closings) if alone else {},
    )


def _without_default_model(query: Query, splits_models: bool) -> Query:
    """The model of the closing, asked for by name, is what was kept already."""
    return query if splits_models else replace(query, attribution_model=None)


def _notes(used: list[str], wanted: Wanted, held: dict[str, Closing]) -> list[str]:
    told = ", ".join(held[month].words for month in used)
    notes = [f"Reported: {told}."] if told else []
    missing = [month for month in wanted.months if month not in held]
    if missing:
        notes.append(f"Not closed, so without a reported number: {', '.join(missing)}.")
    return notes


def _definitions(
    chosen: dict[str, Chosen],
    glossary: Glossary,
    wanted: Wanted,
    held: dict[str, Closing],
    closings: Closings,
) -> tuple[dict[str, tuple[tuple[str, tuple[dt.date, ...]], ...]], list[str]]:
    """For each metric, the shown periods by whether the definition is that of today; and the changes in words."""
    found, said = {}, []
    for name, item in chosen.items():
        now = fingerprint(name, glossary)
        changed = []
        for month in item.months:
            kept = closings.metric(held[month], name)
            if kept is None or kept.fingerprint != now:
                changed.append(month)
        if changed:
            said.append(f"{name}: the definition has changed since {', '.join(changed)} was closed.")
        periods = {wanted.period(month) for month in changed}
        same = {wanted.period(month) for month in item.months} - periods
        words = ((CHANGED, tuple(sorted(periods))), (SAME, tuple(sorted(same))))
        found[name] = tuple((word, days) for word, days in words if days)
    return found, said


def _freshness(head: Closing) -> dict[str, object]:
    return {
        "version": head.version,
        "published_at": head.published_at,
        "watermark": dict(head.watermark),
        "closed": {"month": head.month, "at": head.closed_at, "by": head.by, "note": head.note},
    }


def _fingerprints(chosen: dict[str, Chosen], held: dict[str, Closing], closings: Closings) -> dict[str, str]:
    found = {}
    for name, item in chosen.items():
        kept = closings.metric(held[max(item.months)], name) if item.months else None
        if kept is not None:
            found[name] = kept.fingerprint
    return found
