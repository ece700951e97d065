"""In which order the answer's rows come: always a total one."""

from __future__ import annotations

from semantic.definitions import METRIC_TIME
from semantic.errors import UnknownName
from semantic.plan import Order, Output
from semantic.query import Query


def order_of(query: Query, keys: tuple[str, ...], outputs: tuple[Output, ...]) -> tuple[Order, ...]:
    """The asked order, then every dimension, so that ties cannot move."""
    known = (*keys, *(output.name for output in outputs))
    order = []
    for item in query.order_by:
        column = item.name
        if column not in known and METRIC_TIME in keys and column.startswith(f"{METRIC_TIME}__"):
            column = METRIC_TIME
        if column not in known:
            near = [key for key in keys if key.startswith(f"{column}__")]
            if len(near) != 1:
                raise UnknownName.of("column", column, known, " to order by")
            column = near[0]
        order.append(Order(column, item.descending))
    asked = {item.column for item in order}
    return (*order, *(Order(key) for key in keys if key not in asked))
