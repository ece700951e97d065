"""Fields that a vendor sends and no connector reads: they become columns of raw too, and are reported.

A connector's row carries what is left of the record, `{..., **unread(record, READ)}`; the loader widens the
table while the pages come. Objects and lists are left where they are: a column holds one value.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from ingest.contract import Column, Table
from ingest.new_columns import NUMBER
from ingest.rows import Row, Rows

UNREAD = "_unread"
MOST_COLUMNS = 100  # of a table; a vendor that names fields by id would make one of each
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def unread(record: Row, read: Collection[str]) -> Row:
    """What `record` has besides the fields `read`, as a row carries it.

    >>> unread({"id": 1, "servingStatus": "ON", "tags": []}, {"id"})
    {'_unread': {'servingStatus': 'ON'}}
    """
    more = {name: value for name, value in record.items() if name not in read and _is_plain(value)}
    return {UNREAD: more} if more else {}


def snake(field: str) -> str:
    """The column of a field that may be written in camel case.

    >>> snake("emailCampaignGroupId"), snake("2nd choice")
    ('email_campaign_group_id', 'field_2nd_choice')
    """
    name = "_".join(part.lower() for part in _WORDS.split(field) if part)
    return f"field_{name}" if name[:1].isdigit() else name


class Widening:
    """A table that grows by the unread fields of its rows.

    `existing` are the columns of raw and their types: what was once a text stays one. `may_add` False keeps
    to those.
    """

    def __init__(self, table: Table, existing: dict[str, str], may_add: bool) -> None:
        self.table = table
        self.new: list[Column] = []
        self._existing = existing
        self._may_add = may_add
        self._columns: dict[str, str | None] = {}  # of a field; None: it has no column
        self._own = {column.name for column in table.columns}

    def widen(self, rows: Rows) -> bool:
        """Give the unread fields of `rows` columns; whether the table has grown."""
        before = self.table
        if not isinstance(rows, list):
            return False
        for row in rows:
            for field, value in row.pop(UNREAD, {}).items():
                if field not in self._columns:
                    self._columns[field] = self._added(field, value)
                column = self._columns[field]
                if column is not None:
                    row[column] = value
        return self.table is not before

    def _added(self, field: str, value: Any) -> str | None:
        name = snake(field)
        name = f"vendor_{name}" if name in self._own else name
        if name not in self._existing and (not self._may_add or len(self._columns) >= MOST_COLUMNS):
            return None
        column = Column(name, self._existing.get(name) or _type(value))
        if name not in self._existing:
            self.new.append(column)
        *columns, loaded_at = self.table.columns
        self.table = replace(self.table, columns=(*columns, column, loaded_at))
        return name


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    return NUMBER if isinstance(value, int | float) else "VARCHAR"


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and value != "")
