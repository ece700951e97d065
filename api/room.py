"""The way from every door to the engine: one person's questions, at one published version, in limited time."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from api.auth import Caller
from api.errors import BadRequest, Stopped
from api.settings import ApiSettings, Limits
from semantic.anchors import anchors
from semantic.answer import Answer, plain
from semantic.ask import Compiled, Rows, ask, compile_query, dimension_values, drill_through
from semantic.closings import NO_CLOSINGS, Closings
from semantic.definitions import Glossary, Metric, SavedQuery
from semantic.errors import WarehouseError
from semantic.query import Principal, Query, query_from_document
from semantic.rights import rights_of
from semantic.warehouse.duckdb import PinnedDuckDB

MOST_MEMBERS = 10_000


@dataclass
class Sitting:
    """One person's questions at one version; `stop` may be called from another thread."""

    warehouse: PinnedDuckDB
    glossary: Glossary
    principal: Principal
    limits: Limits
    now: dt.datetime
    timeout_s: float
    closings: Closings = NO_CLOSINGS
    _stopped_because: str | None = field(default=None, init=False)

    def ask(self, query: Query) -> Answer:
        """Answer a question as it is, without a limit of its own."""
        return ask(query, self.glossary, self.warehouse, self.principal, self.closings)

    def answer(self, query: Query) -> Answer:
        """Answer a question for a client: with a limit, and a note where the limit hid rows."""
        answer = self.ask(with_limit(query, self.limits))
        shown = answer.table.num_rows
        if query.limit is None and answer.total > shown:
            note = (
                f"{shown} of {answer.total} rows: set `limit` (at most {self.limits.max_rows}) and `offset`."
            )
            return replace(answer, notes=(*answer.notes, note))
        return answer

    def compile(self, query: Query, dialect: str = "duckdb") -> Compiled:
        """Compile a question without running it."""
        return compile_query(query, self.glossary, dialect, self.principal, closings=self.closings)

    def members(self, dimension: str, metrics: tuple[str, ...], search: str | None, limit: int) -> list[Any]:
        """The members of a dimension as JSON knows them, in order; with `metrics`, those that they have."""
        if not 1 <= limit <= MOST_MEMBERS:
            raise BadRequest(f"'limit' is {limit}; it should be 1 to {MOST_MEMBERS}.", code="bad_value")
        table = dimension_values(
            dimension, self.glossary, self.warehouse, self.principal, metrics, search, limit
        )
        return [plain(value) for value in table.column(0).to_pylist()]

    def rows_behind(self, query: Query, metric: str, cell: dict[str, Any], limit: int) -> list[Rows]:
        """The rows that one number of a question was counted from, fact by fact."""
        return drill_through(query, metric, cell, self.glossary, self.warehouse, self.principal, limit)

    def anchors(self, query: Query) -> tuple[str, ...]:
        """The metrics, one of each model, that a question about members can be asked of."""
        return anchors(query, self.glossary, rights_of(self.glossary, self.principal), self.compile)

    def metrics(self) -> tuple[Metric, ...]:
        """The metrics that the person may see, by area and name."""
        rights = rights_of(self.glossary, self.principal)
        found = [metric for metric in self.glossary.public_metrics if rights.grants(metric.name)]
        return tuple(sorted(found, key=lambda metric: (metric.area, metric.name)))

    def saved(self) -> tuple[SavedQuery, ...]:
        """The saved questions of metrics that the person may see, all of them."""
        rights = rights_of(self.glossary, self.principal)
        found = []
        for saved in self.glossary.saved.values():
            question = query_from_document(saved.document)
            named = (*question.metrics, *((question.top.metric,) if question.top else ()))
            if all(rights.grants(name) for name in named):
                found.append(saved)
        return tuple(found)

    @property
    def freshness(self) -> dict[str, Any]:
        """The version in force for this sitting, and how far each source had been read."""
        return self.warehouse.freshness()

    def stop(self, because: str) -> None:
        """Stop what runs; the asker is told why."""
        self._stopped_because = self._stopped_because or because
        self.warehouse.interrupt()


@contextmanager
def sitting(settings: ApiSettings, caller: Caller, timeout_s: float | None = None) -> Iterator[Sitting]:
    """Open a sitting for a caller; raises Stopped when it runs over its time or is stopped."""
    seconds = min(timeout_s or settings.limits.timeout_s, settings.limits.timeout_s)
    opened = Sitting(
        settings.warehouse.pin(),
        settings.glossary,
        caller.principal,
        settings.limits,
        settings.clock(),
        seconds,
        settings.closings,
    )
    timer = threading.Timer(seconds, opened.stop, [f"it ran over its limit of {seconds:g} s"])
    timer.daemon = True
    timer.start()
    try:
        yield opened
    except WarehouseError:
        if opened._stopped_because:
            raise Stopped(f"The question was stopped: {opened._stopped_because}.") from None
        raise
    finally:
        timer.cancel()
        opened.warehouse.close()


def with_limit(query: Query, limits: Limits) -> Query:
    """The question with a limit: the one asked for if it is allowed, else the usual one."""
    if query.limit is not None and query.limit > limits.max_rows:
        raise BadRequest(
            f"'limit' is {query.limit}; {limits.max_rows} is the most. Use 'offset' for the next rows.",
            code="limit_too_large",
        )
    return query if query.limit is not None else replace(query, limit=limits.default_rows)
