"""Numbers in a mail's table as on the dashboard: Superset mails `0.08735771419851987` for 8.7 %."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from touchstone_sqlalchemy.formats import SIGNS

BLANK = "(blank)"


def formatted(rows: Any, metrics: Iterable[Any], is_missing: Any) -> Any:
    """A frame of text: each metric in its own format, a missing value as `(blank)`.

    `rows` is a pandas frame whose columns are labels, single or in tuples; `metrics` are Superset's.
    """
    formats = {metric.verbose_name or metric.metric_name: metric for metric in metrics}
    shown = rows.copy()
    for position, column in enumerate(rows.columns):
        label = column[0] if isinstance(column, tuple) else column
        values = [_cell(value, formats.get(label), is_missing) for value in rows.iloc[:, position]]
        shown.isetitem(position, values)
    return shown


def _cell(value: Any, metric: Any, is_missing: Any) -> str:
    if is_missing(value):
        return BLANK if metric is None else "-"
    if metric is None or not metric.d3format:
        return str(value)
    # d3's formats are Python's: `,.1%`, `,.0f`, `,d`; Python wants a whole number for `d`.
    spec = metric.d3format.replace("d", ".0f")
    return _sign(metric.currency) + format(float(value), spec)


def _sign(currency: str | Mapping[str, str] | None) -> str:
    if not currency:
        return ""
    facts = json.loads(currency) if isinstance(currency, str) else currency
    return SIGNS.get(str(facts.get("symbol")), "")
