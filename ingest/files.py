"""Files: folders of CSV, Parquet and XLSX, mapped to the promised tables by the sources file.

files:
  tables:
    leads:
      path: exports/leads.csv            # a file, a folder, or a pattern; beside the sources file
      columns:
        lead_id: id                      # a column of the file
        created_at: {column: made on, format: "%d/%m/%Y"}
        channel: {column: origin, map: {fb: paid_social}}
        region: {value: EMEA}            # the same for every row
"""

import csv
import difflib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from ingest.contract import Table, promised_of
from ingest.errors import IngestError, SourcesFileError
from ingest.extract import Connector, Extract, Page, Window
from ingest.rows import Row
from ingest.sources_file import SourceSettings

BATCH = 20_000
DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = (".csv", ".parquet", ".xlsx")
# Keys that ingest makes from file and row where the mapping gives none.
MADE_KEYS = {"files__spend": "spend_id", "files__touches": "touch_id"}
_OPTIONS = frozenset({"column", "value", "map", "format"})


@dataclass(frozen=True)
class FileMapping:
    """Files that fill a table: which, and what each promised column is made of."""

    table: Table
    files: tuple[Path, ...]
    columns: dict[str, dict[str, Any]]


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings.tables`. SourcesFileError lists every problem of the mapping."""
    mappings = read_mappings(settings)
    mapped = tuple(dict.fromkeys(mapping.table for mapping in mappings))
    extracts = tuple(
        Extract(table.name, partial(_pages, tuple(m for m in mappings if m.table == table)), replaces=True)
        for table in mapped
    )
    # A table that is mapped no longer is emptied, as a file that is gone would be.
    cleared = tuple(
        f"DELETE FROM raw.{table.name}"  # noqa: S608 - a promised name
        for table in promised_of(settings.name)
        if table not in mapped
    )
    return Connector(settings.name, extracts, after_load=cleared)


def read_mappings(settings: SourceSettings) -> tuple[FileMapping, ...]:
    """The mappings of the sources file, checked."""
    tables = {table.object: table for table in promised_of(settings.name)}
    problems: list[str] = []
    mappings: list[FileMapping] = []
    for name, documents in dict(settings.required("tables")).items():
        where = f"sources.files.tables.{name}"
        if name not in tables:
            problems.append(f"{where}: unknown table {name!r}{_near(name, list(tables))}")
            continue
        for document in documents if isinstance(documents, list) else [documents]:
            found = _mapping_problems(where, document, tables[name])
            problems += found
            if not found:
                mappings.append(_mapping(settings, where, document, tables[name], problems))
    if problems:
        raise SourcesFileError(problems)
    return tuple(mappings)


def _mapping(
    settings: SourceSettings, where: str, document: Row, table: Table, problems: list[str]
) -> FileMapping:
    pattern = settings.folder / str(document["path"])
    if pattern.is_dir():
        files = tuple(sorted(file for file in pattern.iterdir() if file.suffix.lower() in SUFFIXES))
    elif pattern.is_file():
        files = (pattern,)
    else:
        files = tuple(sorted(pattern.parent.glob(pattern.name))) if pattern.parent.is_dir() else ()
    if not files:
        problems.append(
            f"{where}.path: {document['path']!r} is no file, folder or pattern with files ({pattern})"
        )
    columns = {name: _option(option) for name, option in document["columns"].items()}
    return FileMapping(table, files, columns)


def _option(option: Any) -> dict[str, Any]:
    return option if isinstance(option, dict) else {"column": str(option)}


def _mapping_problems(where: str, document: Any, table: Table) -> list[str]:
    if not isinstance(document, dict) or not {"path", "columns"} <= set(document):
        return [f"{where}: expected `path` and `columns`, found {document!r}"]
    known = [column.name for column in table.columns if not column.name.startswith("_")]
    problems = [
        f"{where}.columns.{name}: {table.name} has no such column{_near(name, known)}"
        for name in document["columns"]
        if name not in known
    ]
    for name, option in document["columns"].items():
        unknown = set(_option(option)) - _OPTIONS
        if unknown:
            problems.append(f"{where}.columns.{name}: unknown option {sorted(unknown)[0]!r}")
        elif ("column" in _option(option)) == ("value" in _option(option)):
            problems.append(f"{where}.columns.{name}: give either `column` or `value`")
    needed = set(table.key[:1]) - {MADE_KEYS.get(table.name)}
    problems += [f"{where}.columns: {key!r} is missing" for key in sorted(needed - set(document["columns"]))]
    return problems


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def _pages(mappings: tuple[FileMapping, ...], window: Window) -> Iterator[Page]:
    table = mappings[0].table
    for mapping in mappings:
        for file in mapping.files:
            for first, rows in read_batches(file):
                yield {table.name: _mapped(mapping, file, first, rows)}


def read_batches(file: Path) -> Iterator[tuple[int, list[Row]]]:
    """(number of the first row, rows) of a file; values of CSV files are text or None."""
    if file.suffix.lower() == ".xlsx":
        yield from _sheet(file)
        return
    connection = duckdb.connect()
    try:
        is_csv = file.suffix.lower() == ".csv"
        relation = _csv(connection, file) if is_csv else connection.read_parquet(str(file))
        first = 1
        for batch in relation.to_arrow_reader(BATCH):
            yield first, batch.to_pylist()
            first += batch.num_rows
    except duckdb.Error as error:
        raise IngestError("files", f"{file}: cannot be read: {_reason(error)}") from None
    finally:
        connection.close()


def _csv(connection: duckdb.DuckDBPyConnection, file: Path) -> duckdb.DuckDBPyRelation:
    """A CSV file as strictly as its header: nothing is guessed from its rows, where a file that was cut off, or
    a quote that was left open, would be read as something else."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        first = opened.readline()
    delimiter = max(DELIMITERS, key=first.count)
    names = next(csv.reader([first], delimiter=delimiter), [])
    if not names or len(set(names)) < len(names):
        why = "two columns have the same name" if names else "it is empty"
        raise IngestError("files", f"{file}: cannot be read: {why}")
    return connection.read_csv(
        str(file),
        header=True,
        auto_detect=False,
        columns=dict.fromkeys(names, "VARCHAR"),
        delimiter=delimiter,
        quotechar='"',
        escapechar='"',
        strict_mode=True,
    )


def _reason(error: duckdb.Error) -> str:
    """What DuckDB says is wrong and on which line, without the line itself, which holds somebody's data."""
    told = [line for line in str(error).splitlines() if line.strip()]
    kept = [line for line in told if line.startswith(("Expected", "Value with", "Invalid unicode"))]
    return "; ".join([told[0], *kept])


def _sheet(file: Path) -> Iterator[tuple[int, list[Row]]]:
    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise IngestError("files", f"{file}: cannot be read: {error}") from None
    try:
        lines = workbook.worksheets[0].iter_rows(values_only=True)
        header = [str(cell).strip() if cell is not None else "" for cell in next(lines, ())]
        rows = [dict(zip(header, line, strict=False)) for line in lines]
        yield 1, [row for row in rows if any(value is not None for value in row.values())]
    finally:
        workbook.close()


def _mapped(mapping: FileMapping, file: Path, first: int, rows: list[Row]) -> list[Row]:
    if not rows:
        return []
    makers = {name: _maker(file, name, option, list(rows[0])) for name, option in mapping.columns.items()}
    made_key = MADE_KEYS.get(mapping.table.name)
    key = mapping.table.key[0]
    mapped = []
    for number, row in enumerate(rows, start=first):
        try:
            made: Row = {name: maker(row) for name, maker in makers.items()}
        except ValueError as error:
            raise IngestError("files", f"{file}: row {number}: {error}") from None
        if made_key and made.get(made_key) is None:
            made[made_key] = f"{file.name}:{number}"
        if made.get(key) in (None, ""):
            raise IngestError("files", f"{file}: row {number} has no {key!r}")
        made["_source_file"] = file.name
        mapped.append(made)
    return mapped


def _maker(file: Path, name: str, option: Row, header: list[str]) -> Callable[[Row], Any]:
    if "value" in option:
        return lambda row: option["value"]
    column = str(option["column"])
    if column not in header:
        raise IngestError(
            "files",
            f"{file}: there is no column {column!r}, which {name!r} is made of{_near(column, header)}",
        )
    if "map" in option:
        return lambda row: option["map"].get(row[column], row[column])
    if "format" in option:
        return lambda row: _instant(row[column], str(option["format"]))
    return lambda row: row[column]


def _instant(value: Any, written: str) -> date | None:
    """A sheet and a Parquet file may hold a date where a CSV file has its text."""
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else datetime.strptime(str(value), written)
