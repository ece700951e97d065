"""Walk through a condition, and rebuild it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from semantic.predicates.group_by import GroupBy
from semantic.predicates.nodes import (
    NODE_TYPES,
    DimensionRef,
    MetricRef,
    Node,
)


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, in writing order."""
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, NODE_TYPES):
                yield from walk(child)


def transform(node: Any, change: Callable[[Any], Any]) -> Any:
    """Rebuild a tree bottom up, giving each node to `change`."""
    updates = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            new: Any = tuple(transform(v, change) if isinstance(v, NODE_TYPES) else v for v in value)
        elif isinstance(value, NODE_TYPES):
            new = transform(value, change)
        else:
            continue
        if new != value:
            updates[field.name] = new
    return change(replace(node, **updates) if updates else node)


def dimensions_of(node: Node) -> tuple[GroupBy, ...]:
    """The dimensions that a condition reads (not those inside a metric condition), each once."""
    return tuple(dict.fromkeys(n.dimension for n in walk(node) if isinstance(n, DimensionRef)))


def metrics_of(node: Node) -> tuple[MetricRef, ...]:
    """The metric conditions inside a condition, each once."""
    return tuple(dict.fromkeys(n for n in walk(node) if isinstance(n, MetricRef)))
