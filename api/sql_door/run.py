"""Run one statement of the SQL door in a sitting."""

from __future__ import annotations

import pyarrow as pa

from api.room import Sitting
from api.sql_door.catalog import Catalog, catalog_of
from api.sql_door.door import answer_sql
from api.sql_door.question import Asker


def catalog_for(seat: Sitting) -> Catalog:
    """The virtual table as the person of a sitting sees it."""
    return catalog_of(seat.glossary, seat.metrics())


def run_sql(sql: str, seat: Sitting) -> pa.Table:
    """Answer a statement; raises Refused, or what the engine raises of the question in it."""
    limits = seat.limits
    asker = Asker(seat.ask, seat.compile, catalog_for(seat), seat.now, limits.max_inner_rows)
    return answer_sql(sql, asker, limits.max_rows)
