"""Ask a question of the glossary and get an answer from the warehouse: the one entrance for every door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from semantic.answer import Answer
from semantic.definitions import Glossary
from semantic.errors import Refusal
from semantic.query import SYSTEM, Principal, Query


class Warehouse(Protocol):
    """Something that runs SQL and says how fresh its data is."""

    dialect: str

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table: ...

    def freshness(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Compiled:
    """SQL text with its bound parameters, the plan it came from, and the plan in words."""

    sql: str
    parameters: tuple[Any, ...]
    plan: Any

    def explain(self) -> str:
        return str(self.plan)


def ask(query: Query, glossary: Glossary, warehouse: Warehouse, principal: Principal = SYSTEM) -> Answer:
    """Answer a question for a principal.

    Raises UserError where the question cannot be answered right, WarehouseError where the warehouse fails.
    """
    compile_query(query, glossary, warehouse.dialect, principal)
    raise Refusal("The engine does not answer yet.")


def compile_query(
    query: Query, glossary: Glossary, dialect: str = "duckdb", principal: Principal = SYSTEM
) -> Compiled:
    """Turn a question into SQL of a dialect, without running it."""
    raise Refusal(f"The engine does not compile {query.metrics!r} to {dialect} yet.")


def dimension_values(
    dimension: str,
    glossary: Glossary,
    warehouse: Warehouse,
    principal: Principal = SYSTEM,
    metrics: tuple[str, ...] = (),
    search: str | None = None,
    limit: int = 1000,
) -> pa.Table:
    """The members of a dimension that the principal may see, in order; with `metrics`, those they have."""
    raise Refusal(f"The engine does not list members of {dimension!r} yet.")
