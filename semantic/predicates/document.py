"""Read a condition from a structured document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semantic.errors import BadValue
from semantic.predicates.group_by import GroupBy, parse_group_by
from semantic.predicates.nodes import (
    NODE_TYPES,
    POSITION,
    And,
    Between,
    Call,
    Compare,
    DimensionRef,
    In,
    IsNull,
    Like,
    Literal,
    MetricRef,
    Not,
    Operand,
    Or,
    Predicate,
    Scalar,
)
from semantic.predicates.text import parse_predicate

_OPERATORS: dict[str, str] = {
    "eq": "=", "=": "=", "==": "=", "ne": "<>", "<>": "<>", "!=": "<>",
    "lt": "<", "<": "<", "lte": "<=", "le": "<=", "<=": "<=",
    "gt": ">", ">": ">", "gte": ">=", "ge": ">=", ">=": ">=",
}  # fmt: skip
_WORDS = ("in", "not_in", "like", "not_like", "ilike", "contains", "between", "is_null", "not_null")


def predicate_from_document(document: Any) -> Predicate:
    """Read a condition from text or from a structured document.

    `{"dimension": "region", "op": "in", "value": ["EMEA", "AMER"]}`,
    `{"metric": "mqls", "op": "gt", "value": 3}`, `{"and": [...]}`, `{"or": [...]}`, `{"not": {...}}`.
    """
    if isinstance(document, str):
        return parse_predicate(document)
    if isinstance(document, NODE_TYPES):
        return document  # type: ignore[return-value]
    if not isinstance(document, Mapping):
        raise BadValue(f"{document!r} is not a condition. Write text, or {{'dimension', 'op', 'value'}}.")
    for key, kind in (("and", And), ("or", Or)):
        if key in document:
            if not isinstance(document[key], list | tuple) or not document[key]:
                raise BadValue(f"{key!r} in {document!r} needs a list of conditions.")
            return kind(tuple(predicate_from_document(item) for item in document[key]))
    if "not" in document:
        return Not(predicate_from_document(document["not"]))
    return _structured(document)


def _structured(document: Mapping[str, Any]) -> Predicate:
    op = str(document.get("op", "eq")).lower()
    operand = _subject(document)
    value = document.get("value", document.get("values"))
    for part in value if isinstance(value, list | tuple) else (value,):
        if not isinstance(part, Scalar):
            raise BadValue(f"{part!r} in {document!r} is not a value: write text, a number, true or false.")
    if op in _OPERATORS:
        if value is None:
            missing: Predicate = IsNull(operand)
            if _OPERATORS[op] in ("=", "<>"):
                return missing if _OPERATORS[op] == "=" else Not(missing)
            raise BadValue(f"{document!r} compares with nothing. Give a value, or use is_null.")
        if isinstance(value, list | tuple):
            raise BadValue(f"{document!r} compares with a list. Use the operator 'in'.")
        return Compare(_OPERATORS[op], operand, Literal(value))
    if op in ("in", "not_in"):
        found = _membership(operand, value, document)
        return Not(found) if op == "not_in" else found
    if op == "contains" and isinstance(value, str):
        texts = (Call("lower", (part,)) for part in (operand, Literal(value)))
        return Compare(">", Call(POSITION, tuple(texts)), Literal(0))
    if op in ("like", "ilike", "not_like"):
        like = Like(operand, Literal(value), op == "ilike")
        return Not(like) if op == "not_like" else like
    if op == "between" and isinstance(value, list | tuple) and len(value) == 2:
        return Between(operand, Literal(value[0]), Literal(value[1]))
    if op in ("is_null", "not_null", "is_not_null"):
        return IsNull(operand) if op == "is_null" else Not(IsNull(operand))
    known = sorted({*_OPERATORS, *_WORDS})
    raise BadValue(
        f"{op!r} in {document!r} is no operator, or its value does not fit. One of: {', '.join(known)}."
    )


def _subject(document: Mapping[str, Any]) -> Operand:
    if "metric" in document:
        by = document.get("by", document.get("group_by", ())) or ()
        return MetricRef(str(document["metric"]), tuple(parse_group_by(str(name)) for name in by))
    if "dimension" not in document:
        raise BadValue(f"{document!r} names neither a 'dimension' nor a 'metric'.")
    dimension = parse_group_by(str(document["dimension"]))
    if document.get("grain"):
        dimension = GroupBy(dimension.name, str(document["grain"]))
    return DimensionRef(dimension)


def _membership(operand: Operand, value: Any, document: Mapping[str, Any]) -> Predicate:
    """NULL in a list means "is missing": SQL's own IN would silently match nothing."""
    if not isinstance(value, list | tuple):
        raise BadValue(f"{document!r} needs a list of values.")
    inside = In(operand, tuple(Literal(v) for v in value if v is not None))
    if None not in value:
        return inside
    return Or((inside, IsNull(operand))) if inside.values else IsNull(operand)
