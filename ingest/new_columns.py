"""Columns that a vendor has and the promise does not: custom fields are added to raw, and reported.

A column keeps the type it was added with. When the vendor changes that type, the source stops: what was
loaded before cannot be told from what comes now.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

from ingest.contract import RAW, Column, Table, promised
from ingest.errors import IngestError, SchemaChangedError
from ingest.http import QUOTA

MOST_FIELDS = 200  # custom ones of an object: they are asked for by name, in an address of limited length
NUMBER = "DECIMAL(28, 6)"
Fields = dict[str, Column]  # the vendor's name of a field, and the column it becomes


def column_name(field: str) -> str:
    """The column of a vendor's field.

    >>> column_name("Budget_Band__c")
    'budget_band_c'
    >>> column_name("1st_touch")
    'field_1st_touch'
    """
    name = "_".join(part for part in field.lower().split("_") if part)
    return f"field_{name}" if name[:1].isdigit() else name


def told_fields(ask: Callable[[], Fields], warehouse_file: Path, name: str) -> Fields:
    """What `ask` finds of `name`; nothing where the vendor does not allow to ask, which `ingest check` says.

    IngestError where it did allow it before: records that changed since would lose what their columns hold.
    """
    try:
        return ask()
    except IngestError as error:
        if "answered 403" not in error.message or QUOTA in error.message:
            raise
        own = {column.name for column in promised(name).columns}
        lost = sorted(set(existing_columns(warehouse_file, name)) - own)
        if lost:
            raise IngestError(
                error.source,
                f"{error.message}; the custom fields {', '.join(lost)} of {name} were loaded before and may "
                "no longer be asked for: give the permission back, or switch the source off for one run",
            ) from None
        return {}


def widened(table: Table, fields: Fields) -> Table:
    """The promised table with the further columns before `_loaded_at`."""
    *columns, loaded_at = table.columns
    return replace(table, columns=(*columns, *fields.values(), loaded_at))


def agreed(
    warehouse_file: Path, name: str, fields: Fields, may_add: bool
) -> tuple[Fields, tuple[Column, ...]]:
    """(the fields to load, the columns that are new among them) of the promised table `name`.

    `may_add` False keeps to the columns that raw has already: a load of a few days would leave the rest of a
    new column empty. Raises SchemaChangedError for a column whose type has changed.
    """
    own = {column.name for column in promised(name).columns}
    existing = existing_columns(warehouse_file, name)
    kept: Fields = {}
    new: list[Column] = []
    for field, column in sorted(fields.items(), key=lambda one: one[1].name not in existing):
        if column.name in own or column.name in {one.name for one in kept.values()}:
            continue
        old = existing.get(column.name)
        if old is not None and old.replace(" ", "") != column.type.replace(" ", ""):
            raise SchemaChangedError(
                promised(name).source,
                f"{name}.{column.name} was {old} and is now {column.type} at the vendor (field {field!r}); "
                "rename the field there, or switch the source off for one run to load it anew",
            )
        if old is None and (not may_add or len(kept) >= MOST_FIELDS):
            continue
        kept[field] = column
        if old is None:
            new.append(column)
    return kept, tuple(new)


def left_out(told: Fields, kept: Fields) -> tuple[str, ...]:
    """A note on the custom fields that are too many to be asked for."""
    if len(kept) < MOST_FIELDS or not (more := [name for name in told if name not in kept]):
        return ()
    return (
        f"{len(told):,} custom fields, {len(kept):,} of them loaded; not {', '.join(more[:5])} and their like",
    )


def existing_columns(warehouse_file: Path, name: str) -> dict[str, str]:
    """The columns that raw has of the table `name`, with their types."""
    with duckdb.connect(str(warehouse_file)) as connection:
        try:  # of the table alone: the information schema goes through every column of every table
            found = connection.execute("SELECT name, type FROM pragma_table_info(?)", [f'{RAW}."{name}"'])
        except duckdb.CatalogException:
            return {}
        return dict(found.fetchall())
