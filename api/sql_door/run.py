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
    asker = Asker(seat, catalog_for(seat), seat.limits.max_inner_rows)
    return answer_sql(sql, asker, seat.limits.max_rows)
