"""The glossary's answers beside the true ones, cell by cell."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from infra.sandbox.company import Company
from infra.sandbox.truth import true_answers, true_answers_by
from infra.sandbox.truth.recipes import SIMPLE
from semantic.errors import UserError

Ask = Callable[[dict[str, Any]], list[dict[str, Any]]]  # a question as a document -> its rows
Key = tuple[Any, ...]  # (month, channel) or (member,); None is all of them, "" is a blank
Cells = dict[Key, Any]
GROUPINGS: tuple[tuple[str, ...], ...] = ((), ("month",), ("channel",), ("month", "channel"))
MODEL = "attribution_model"
ALSO = {"content_sequence,sequence_of": ("sequence_length",)}  # what must be fixed or grouped by, besides


@dataclass
class Compared:
    """How many cells were looked at, and those that are off, each told in a line."""

    cells: int = 0
    off: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Truth:
    """The true answers of a company: {metric: {(month, channel): value}}, and the same for each part of it."""

    until: dt.date
    whole: dict[str, Cells]
    parts: dict[tuple[str, str], dict[str, Cells]]  # (by, metric) -> member -> cells


def truth_of(company: Company, built_on: dt.date) -> Truth:
    """What is true of `company` at the end of its last day, for a warehouse that was built on `built_on`."""
    now = dt.datetime.combine(company.until, dt.time(23, 59, 59))
    whole: dict[str, Cells] = defaultdict(dict)
    parts: dict[tuple[str, str], dict[str, Cells]] = defaultdict(lambda: defaultdict(dict))
    for one in true_answers(company, now):
        whole[one.metric][one.month, one.channel] = one.value
    for one in true_answers_by(company, now, built_on):
        parts[str(one.by), one.metric][str(one.member)][one.month, one.channel] = one.value
    return Truth(company.until, dict(whole), dict(parts))


def compare_metric(ask: Ask, truth: Truth, metric: str) -> Compared:
    """The metric by month and channel, by month, by channel and in total."""
    return _compare(ask, truth, metric, truth.whole[metric], {})


def compare_model(ask: Ask, truth: Truth, metric: str, model: str) -> Compared:
    """A metric of credit under one attribution model."""
    return _compare(ask, truth, metric, truth.parts[MODEL, metric][model], {MODEL: model})


def compare_members(ask: Ask, truth: Truth, by: str, metric: str) -> Compared:
    """The metric in total, grouped by `by`: campaign, parent_campaign, content; or by several, as `a,b`."""
    names = by.split(",")
    document = {"metrics": [metric], "group_by": [*names, *ALSO.get(by, ())]}
    given = {
        " / ".join(str(row[name]) for name in names): row[metric]
        for row in ask({**document, "time_range": {"to": str(truth.until)}})
    }
    wanted = {member: cells[None, None] for member, cells in truth.parts[by, metric].items()}
    told = Compared()
    for member, value in wanted.items():
        _look(told, metric, (member,), given.get(member), value, member in given)
    return told


def _compare(ask: Ask, truth: Truth, metric: str, wanted: Cells, fixed: dict[str, Any]) -> Compared:
    told = Compared()
    for grouping in GROUPINGS:
        try:
            given = _given(ask, truth.until, metric, grouping, fixed)
        except UserError:
            if "channel" in grouping and all(channel is None for _, channel in wanted):
                continue  # it has no channel, and says so
            raise
        asked = {key: value for key, value in wanted.items() if _is_of(key, grouping)}
        for key in sorted(given.keys() | asked.keys(), key=str):
            _look(told, metric, key, given.get(key), asked.get(key), key in given)
    return told


def _given(ask: Ask, until: dt.date, metric: str, grouping: tuple[str, ...], fixed: dict[str, Any]) -> Cells:
    by = ["metric_time:month" if name == "month" else name for name in grouping]
    rows = ask({"metrics": [metric], "group_by": by, "time_range": {"to": str(until)}, **fixed})
    found: Cells = {}
    for row in rows:
        key = tuple(_keys(row, grouping))
        assert key not in found, f"{metric}: {key} is there twice"
        found[key] = row[metric]
    return found


def _keys(row: dict[str, Any], grouping: tuple[str, ...]) -> Iterator[Any]:
    month = row["metric_time"] if "month" in grouping else None
    yield month.date() if isinstance(month, dt.datetime) else month
    yield (row["channel"] or "") if "channel" in grouping else None


def _is_of(key: Key, grouping: tuple[str, ...]) -> bool:
    return [part is not None for part in key] == [name in grouping for name in ("month", "channel")]


def _look(told: Compared, metric: str, key: Key, given: Any, wanted: Any, is_given: bool) -> None:
    told.cells += 1
    if metric in SIMPLE:  # 0 where nothing happened, whether or not there is a row
        wanted = 0 if wanted is None else wanted
        given = given if is_given else 0
    if not same(given, wanted):
        told.off.append(f"{metric} {key}: {given!r}, truly {wanted!r}")


def same(given: Any, wanted: Any) -> bool:
    """Whether two numbers are the same: counts and money exactly, ratios to a billionth; a missing one is missing."""
    if given is None or wanted is None:
        return given is wanted
    if isinstance(given, int | Decimal) and isinstance(wanted, int | Decimal):
        return Decimal(given) == Decimal(wanted)
    return abs(float(given) - float(wanted)) <= 1e-9 * max(1.0, abs(float(wanted)))
