"""Conditions as data: a closed set of frozen nodes that questions and the glossary share.

A condition is written as text in one small SQL-like language (`text`), or as a structured document (`document`).
Both become the same tree (`nodes`). The set of nodes is closed on purpose: no sub-query, no table,
no function that is not listed, so a condition can never reach around the semantic layer.

    region = 'EMEA' and metric_time__month >= '2026-01-01'
    listing__country_latest in ('us', 'nl') or listing__country_latest is null
    METRIC('bookings', 'listing') > 2          -- listings with more than two bookings
"""

from semantic.predicates.document import predicate_from_document
from semantic.predicates.group_by import DATE_PARTS, GRAINS, GroupBy, parse_group_by
from semantic.predicates.nodes import (
    CASTS,
    COMPARISONS,
    NODE_TYPES,
    POSITION,
    And,
    Attribute,
    Between,
    Call,
    Cast,
    Compare,
    DimensionRef,
    In,
    IsNull,
    Like,
    Literal,
    MetricRef,
    Node,
    Not,
    Operand,
    Or,
    Predicate,
    Scalar,
    Truth,
)
from semantic.predicates.text import parse_predicate
from semantic.predicates.walk import dimensions_of, metrics_of, transform, walk

__all__ = [
    "CASTS",
    "COMPARISONS",
    "DATE_PARTS",
    "GRAINS",
    "NODE_TYPES",
    "POSITION",
    "And",
    "Attribute",
    "Between",
    "Call",
    "Cast",
    "Compare",
    "DimensionRef",
    "GroupBy",
    "In",
    "IsNull",
    "Like",
    "Literal",
    "MetricRef",
    "Node",
    "Not",
    "Operand",
    "Or",
    "Predicate",
    "Scalar",
    "Truth",
    "dimensions_of",
    "metrics_of",
    "parse_group_by",
    "parse_predicate",
    "predicate_from_document",
    "transform",
    "walk",
]
