"""A question as GraphQL input -> the document that every door writes."""

from __future__ import annotations

from typing import Any

from api.graphql.types import ConditionInput, QuestionInput

_SAME = (
    "metrics", "group_by", "having", "time_zone", "share_of_total", "order_by", "limit", "offset",
    "attribution_model", "currency", "as_of",
)  # fmt: skip


def document_of(question: QuestionInput) -> dict[str, Any]:
    """The document of a question; what was not given is left out."""
    document: dict[str, Any] = {name: getattr(question, name) for name in _SAME}
    document["where"] = [*(question.where or ()), *(_condition(c) for c in question.filters or ())]
    if question.time_range:
        document["time_range"] = {"from": question.time_range.from_, "to": question.time_range.to}
    if question.compare:
        document["compare"] = question.compare.value
    if question.top:
        document["top"] = vars(question.top)
    document["totals"] = "subtotals" if question.subtotals else question.totals
    return {name: value for name, value in document.items() if value is not None}


def _condition(condition: ConditionInput) -> dict[str, Any]:
    value = condition.values if condition.values is not None else condition.value
    return {"dimension": condition.dimension, "op": condition.op, "value": value}
