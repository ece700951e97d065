"""The large models: their rows say what they were made from, so that a change keeps the rows that it does not touch.

Such a model has the kind `CUSTOM (materialization 'changed_journeys')`, and names the column of its rows' version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from infra.errors import MistakeError


@dataclass(frozen=True)
class Kept:
    """What became of a large model in an environment: of how many rows `kept` are those that prod has."""

    model: str
    rows: int
    kept: int


def refuse_rebuilding(context: Any, prod: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
    """Raises MistakeError where a large model's own rule is another than prod's: none of its rows would be kept."""
    for name, version in _versions(context):
        before, after = prod.get(name), mine[name]
        if before is not None and before.fingerprint.data_hash != after.fingerprint.data_hash:
            [rows] = context.engine_adapter.fetchone(
                exp.select(exp.func("count", exp.column(version))).from_(before.table_name())
            )
            raise MistakeError(
                f"--forward-only keeps the rows that are there, but the rule of {_plain(name)} is another than "
                f"prod's: all {rows:,} rows would be built anew. Kept as they are, they would show the old rule "
                "beside the new one, and nothing in a new column. Leave --forward-only out: they are built beside "
                "prod, `touchstone diff` says what moves, and `touchstone promote` takes them"
            )


def kept(context: Any, prod: Mapping[str, Any], mine: Mapping[str, Any]) -> tuple[Kept, ...]:
    """For each large model that has a table of its own beside prod's: how many rows it took over."""
    found = []
    for name, version in _versions(context):
        before, after = prod.get(name), mine[name]
        if before is None or before.version == after.version:
            continue
        same_rule = before.fingerprint.data_hash == after.fingerprint.data_hash
        known = exp.column(version).isin(query=exp.select(version).from_(before.table_name()))
        told = exp.func("count", exp.func("if", known, exp.Literal.number(1))) if same_rule else "0"
        counted = exp.select("count(*)", told).from_(after.table_name())
        rows, taken = context.engine_adapter.fetchone(counted)
        found.append(Kept(_plain(name), rows, taken))
    return tuple(found)


def _versions(context: Any) -> list[tuple[str, str]]:
    """Each large model, and the column of its rows' version."""
    kinds = {name: snapshot.model.kind for name, snapshot in context.snapshots.items() if snapshot.is_model}
    return [
        (name, str(kind.materialization_properties["version"]))
        for name, kind in kinds.items()
        if kind.is_custom and "version" in kind.materialization_properties
    ]


def _plain(name: str) -> str:
    return ".".join(name.replace('"', "").lower().split(".")[-2:])
