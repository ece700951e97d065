"""Close a month: ask every metric by every grouping set, and keep what is answered with what it means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from semantic.additive import is_additive
from semantic.answer import Answer
from semantic.ask import Warehouse, ask
from semantic.closings import ClosedMetric, ClosedSet, Closing, first_day, next_month
from semantic.definitions import METRIC_TIME, Glossary, Metric
from semantic.errors import Refusal
from semantic.expand import Leaf, expand, leaves_of, measure_of
from semantic.fingerprint import fingerprint
from semantic.predicates import GroupBy, metrics_of
from semantic.query import Query, TimeRange

NEVER = TimeRange(dt.date(9800, 1, 1), dt.date(9800, 1, 31))
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Signed:
    """Who closes, when (UTC), and what is to be said of it."""

    by: str
    at: dt.datetime
    note: str = ""


def close_month(
    month: str,
    number: int,
    glossary: Glossary,
    warehouse: Warehouse,
    signed: Signed,
    progress: Progress = lambda name: None,
) -> tuple[Closing, tuple[ClosedMetric, ...]]:
    """The closing of a month over one version of the warehouse; nothing is written.

    Raises Refusal for a month that has not ended, or that a source has not been read to the end of.
    """
    day = first_day(month)
    freshness = warehouse.freshness()
    _check_ended(month, day, _day_of(signed.at, glossary))
    _check_read(month, day, freshness, glossary)
    kept, left_out = [], {}
    for metric in chosen(glossary):
        progress(metric.name)
        try:
            kept.append(_closed(metric, day, glossary, warehouse))
        except Refusal as refusal:
            left_out[metric.name] = refusal.message
    head = Closing(
        month=month,
        number=number,
        closed_at=signed.at.isoformat(timespec="seconds"),
        by=signed.by,
        note=signed.note,
        version=str(freshness.get("version", "")),
        published_at=str(freshness.get("published_at", "")),
        currency=glossary.settings.reporting_currency,
        time_zone=glossary.settings.time_zone,
        metrics=tuple(metric.name for metric in kept),
        watermark=dict(freshness.get("watermark") or {}),
        left_out=left_out,
    )
    return head, tuple(kept)


def chosen(glossary: Glossary) -> list[Metric]:
    """The metrics that a closing keeps, parts of others included, by name."""
    rule = glossary.closing
    return [
        metric
        for name, metric in sorted(glossary.metrics.items())
        if any(fnmatchcase(name, pattern) for pattern in rule.metrics)
        and not any(fnmatchcase(name, pattern) for pattern in rule.left_out)
    ]


def _day_of(moment: dt.datetime, glossary: Glossary) -> dt.date:
    """The day of a moment in the zone of the numbers."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return zoned.astimezone(ZoneInfo(glossary.settings.time_zone)).date()


def _check_ended(month: str, day: dt.date, today: dt.date) -> None:
    if today < next_month(day):
        raise Refusal(
            f"{month} has not ended: today is {today}. Close it from {next_month(day)} on, when its numbers are in."
        )


def _check_read(month: str, day: dt.date, freshness: Mapping[str, Any], glossary: Glossary) -> None:
    """What is published was published after the month, and each source with a clock was read into its last day."""
    published = freshness.get("published_at")
    if published and _day_of(dt.datetime.fromisoformat(str(published)), glossary) < next_month(day):
        raise Refusal(
            f"What is served was published on {str(published)[:10]}, before {month} had ended. "
            f"Run `touchstone refresh`, then close {month}."
        )
    watermark = freshness.get("watermark") or {}
    last = (next_month(day) - dt.timedelta(days=1)).isoformat()
    behind = {source: mark for source, mark in sorted(watermark.items()) if mark and str(mark)[:10] < last}
    if behind:
        told = ", ".join(f"{source} until {str(mark)[:10]}" for source, mark in behind.items())
        raise Refusal(
            f"{month} is newer than what has been read: {told}. Run `touchstone refresh`, then close {month}."
        )


def _closed(metric: Metric, day: dt.date, glossary: Glossary, warehouse: Warehouse) -> ClosedMetric:
    """One metric by every set that it can be asked by; raises Refusal where not even its whole has a number."""
    leaves = leaves_of(expand(glossary, metric.name))
    sets = tuple(_sets(metric, day, glossary, warehouse))
    return ClosedMetric(
        name=metric.name,
        label=metric.label,
        format=metric.format,
        unit=glossary.settings.reporting_currency if metric.format == "currency" else metric.unit,
        status=metric.status,
        fingerprint=fingerprint(metric.name, glossary),
        fill=metric.fill_nulls_with,
        empty=_empty(metric, glossary, warehouse),
        required=_required(leaves, glossary),
        runs=any(leaf.sliding or leaf.offsets for leaf in leaves),
        by_rows=all(_by_rows(leaf, glossary) for leaf in leaves),
        sets=sets,
    )


def _sets(metric: Metric, day: dt.date, glossary: Glossary, warehouse: Warehouse) -> Iterator[ClosedSet]:
    whole = TimeRange(day, next_month(day) - dt.timedelta(days=1))
    for names in glossary.closing.grouping_sets:
        grouped = (GroupBy(METRIC_TIME, "month"), *(GroupBy(name) for name in names))
        try:
            answer = ask(Query((metric.name,), grouped, time_range=whole), glossary, warehouse)
        except Refusal:
            if not names:
                raise
            continue  # the metric cannot be shown by these; asked so, it is refused then as it is today
        yield _set(names, answer, is_additive(glossary, metric.name, names))


def _empty(metric: Metric, glossary: Glossary, warehouse: Warehouse) -> int | float | None:
    """The number over no rows: a count is 0, a mean is missing, what a metric is filled with is that."""
    answer = ask(Query((metric.name,), time_range=NEVER), glossary, warehouse)
    value = answer.table.column(0)[0].as_py() if answer.table.num_rows else None
    if value is None or isinstance(value, str | bool | dt.date):
        return None
    return int(value) if value == int(value) else float(value)


def _set(names: tuple[str, ...], answer: Answer, additive: bool) -> ClosedSet:
    table = answer.table.drop_columns([METRIC_TIME])
    columns = [[as_text(value) for value in column.to_pylist()] for column in table.columns]
    return ClosedSet(
        dimensions=names,
        types=tuple(sql_type(field.type) for field in table.schema),
        rows=tuple(zip(*columns, strict=True)),
        additive=additive,
        sql=answer.sql,
    )


def _required(leaves: tuple[Leaf, ...], glossary: Glossary) -> tuple[tuple[str, str | None], ...]:
    found = {}
    for leaf in leaves:
        for item in (*glossary.models[leaf.model].required, *glossary.metrics[leaf.metric].required):
            found[item.dimension] = as_text(item.default)
    return tuple(sorted(found.items()))


def _by_rows(leaf: Leaf, glossary: Glossary) -> bool:
    """A conversion's other event, a balance's instant and a metric in a condition see rows of other members."""
    plain = leaf.conversion is None and measure_of(glossary, leaf).non_additive is None
    return plain and not any(metrics_of(condition) for condition in leaf.filters)


def sql_type(kind: pa.DataType) -> str:
    """The SQL type that a column is read back as."""
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    for test, name in (
        (pa.types.is_boolean, "BOOLEAN"),
        (pa.types.is_integer, "BIGINT"),
        (pa.types.is_floating, "DOUBLE"),
        (pa.types.is_date, "DATE"),
        (pa.types.is_timestamp, "TIMESTAMP"),
    ):
        if test(kind):
            return name
    return "TEXT"


def as_text(value: Any) -> str | None:
    """A value as text that its type reads back exactly.

    >>> as_text(0.1), as_text(7), as_text(True), as_text(None)
    ('0.1', '7', 'true', None)
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")  # never 0E-10
    return repr(value) if isinstance(value, float) else str(value)
