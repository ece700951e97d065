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
      encoding: latin-1                  # of CSV files that are not UTF-8
"""

import csv
import difflib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract import Table, promised_of
from ingest.errors import IngestError, SourcesFileError
from ingest.extract import Connector, Extract, Page, Window
from ingest.rows import Row
from ingest.sheets import read_sheet
from ingest.sources_file import SourceSettings

BATCH = 20_000
DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = (".csv", ".parquet", ".xlsx")
# Keys that ingest makes from file and row where the mapping gives none.
MADE_KEYS = {"files__spend": "spend_id", "files__touches": "touch_id"}
_KEYS = ("path", "columns", "encoding")
_OPTIONS = frozenset({"column", "value", "map", "format"})
ENCODINGS = ("utf-8", "utf-16", "latin-1")
READ_CSV = """
    FROM read_csv($file, columns = $columns, delim = $delimiter, encoding = $encoding, header = true,
        auto_detect = false, quote = '"', escape = '"', strict_mode = true)"""
# What a sheet shows where a formula failed, also in the CSV file made of it.
SHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


@dataclass(frozen=True)
class FileMapping:
    """Files that fill a table: which, and what each promised column is made of."""

    table: Table
    files: tuple[Path, ...]
    columns: dict[str, dict[str, Any]]
    path: str
    encoding: str = "utf-8"


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings.tables`. SourcesFileError lists every problem of the mapping."""
    mappings = read_mappings(settings)
    mapped = tuple(dict.fromkeys(mapping.table for mapping in mappings))
    extracts = tuple(_extract(table, tuple(m for m in mappings if m.table == table)) for table in mapped)
    # A table that is mapped no longer is emptied, as a file that is gone would be.
    cleared = tuple(
        f"DELETE FROM raw.{table.name}"  # noqa: S608 - a promised name
        for table in promised_of(settings.name)
        if table not in mapped
    )
    return Connector(settings.name, extracts, after_load=cleared)


def _extract(table: Table, mappings: tuple[FileMapping, ...]) -> Extract:
    unread: dict[str, None] = {}  # columns of the files, in their order

    def notes() -> tuple[str, ...]:
        return (f"nothing is made of the columns {', '.join(unread)}",) if unread else ()

    return Extract(table.name, partial(_pages, mappings, unread), replaces=True, notes=notes)


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
                mappings.append(_mapping(settings, document, tables[name]))
    if problems:
        raise SourcesFileError(problems)
    return tuple(mappings)


def _mapping(settings: SourceSettings, document: Row, table: Table) -> FileMapping:
    pattern = settings.folder / str(document["path"])
    if pattern.is_dir():
        files = tuple(sorted(file for file in pattern.iterdir() if file.suffix.lower() in SUFFIXES))
    elif pattern.is_file():
        files = (pattern,)
    else:
        files = tuple(sorted(pattern.parent.glob(pattern.name))) if pattern.parent.is_dir() else ()
    columns = {name: _option(option) for name, option in document["columns"].items()}
    return FileMapping(table, files, columns, str(pattern), str(document.get("encoding", "utf-8")))


def _option(option: Any) -> dict[str, Any]:
    return option if isinstance(option, dict) else {"column": str(option)}


def _mapping_problems(where: str, document: Any, table: Table) -> list[str]:
    if not isinstance(document, dict) or not {"path", "columns"} <= set(document):
        return [f"{where}: expected `path` and `columns`, found {document!r}"]
    known = [column.name for column in table.columns if not column.name.startswith("_")]
    problems = [
        f"{where}.{key}: unknown key {key!r}{_near(str(key), list(_KEYS))}"
        for key in document
        if key not in _KEYS
    ]
    if document.get("encoding", "utf-8") not in ENCODINGS:
        problems.append(
            f"{where}.encoding: expected one of {', '.join(ENCODINGS)}, found {document['encoding']!r}"
        )
    problems += [
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


def _pages(mappings: tuple[FileMapping, ...], unread: dict[str, None], window: Window) -> Iterator[Page]:
    """The last file first: of rows with the same key the first one is kept, and a later export knows better."""
    table = mappings[0].table
    unread.clear()
    for mapping in reversed(mappings):
        if not mapping.files:  # of the day, not of the sources file: somebody has to be told
            raise IngestError("files", f"{mapping.path}: there is no such file, folder or pattern with files")
        read = {option.get("column") for option in mapping.columns.values()}
        for file in reversed(mapping.files):
            for first, rows in read_batches(file, mapping.encoding):
                unread.update(dict.fromkeys(name for name in (rows[0] if rows else ()) if name not in read))
                yield {table.name: _mapped(mapping, file, first, rows)}


def read_batches(file: Path, encoding: str = "utf-8") -> Iterator[tuple[int, list[Row]]]:
    """(number of the first row, rows) of a file; values of CSV files are text or None.

    IngestError when the file was written while it was read: what was read is neither the old nor the new one.
    """
    before = _version(file)
    yield from _batches(file, encoding)
    if _version(file) != before:
        raise IngestError("files", f"{file}: was written while it was read; it is read by the next load")


def _version(file: Path) -> tuple[int, int, int]:
    try:
        told = file.stat()
    except OSError as error:
        raise IngestError("files", f"{file}: cannot be read: {error.strerror}") from None
    return told.st_ino, told.st_size, told.st_mtime_ns


def _batches(file: Path, encoding: str) -> Iterator[tuple[int, list[Row]]]:
    if file.suffix.lower() == ".xlsx":
        yield 1, read_sheet(file)
        return
    connection = duckdb.connect()
    try:
        is_csv = file.suffix.lower() == ".csv"
        relation = _csv(connection, file, encoding) if is_csv else connection.read_parquet(str(file))
        first = 1
        for batch in relation.to_arrow_reader(BATCH):
            yield first, batch.to_pylist()
            first += batch.num_rows
    except duckdb.Error as error:
        raise IngestError("files", f"{file}: cannot be read: {_reason(error)}") from None
    finally:
        connection.close()


def _csv(connection: duckdb.DuckDBPyConnection, file: Path, encoding: str) -> duckdb.DuckDBPyRelation:
    """A CSV file as strictly as its header: nothing is guessed from its rows, where a file that was cut off, or
    a quote that was left open, would be read as something else."""
    as_read = "utf-8-sig" if encoding == "utf-8" else encoding
    with file.open(encoding=as_read, errors="replace", newline="") as opened:
        delimiter = max(DELIMITERS, key=opened.readline().count)
        opened.seek(0)
        names = next(csv.reader(opened, delimiter=delimiter), [])  # a name may have a line break
    if not names or len(set(names)) < len(names):
        why = "two columns have the same name" if names else "it is empty"
        raise IngestError("files", f"{file}: cannot be read: {why}")
    return connection.sql(
        READ_CSV,
        params={
            "file": str(file),
            "columns": dict.fromkeys(names, "VARCHAR"),
            "delimiter": delimiter,
            "encoding": encoding,
        },
    )


def _reason(error: duckdb.Error) -> str:
    """What DuckDB says is wrong and on which line, without the line itself, which holds somebody's data."""
    told = [line for line in str(error).splitlines() if line.strip()]
    kept = [line for line in told if line.startswith(("Expected", "Value with", "Invalid unicode"))]
    return "; ".join([told[0], *kept])


def _mapped(mapping: FileMapping, file: Path, first: int, rows: list[Row]) -> list[Row]:
    if not rows:
        return []
    makers = {name: _maker(file, name, option, list(rows[0])) for name, option in mapping.columns.items()}
    made_key = MADE_KEYS.get(mapping.table.name)
    key = mapping.table.key[0]
    mapped = []
    for number, row in enumerate(rows, start=first):
        try:
            made: Row = {name: _sound(name, maker(row)) for name, maker in makers.items()}
        except ValueError as error:
            raise IngestError("files", f"{file}: row {number}: {error}") from None
        if made_key and made.get(made_key) is None:
            made[made_key] = f"{file.name}:{number}"
        if made.get(key) in (None, ""):
            raise IngestError("files", f"{file}: row {number} has no {key!r}")
        made["_source_file"] = file.name
        mapped.append(made)
    return mapped


def _sound(name: str, value: Any) -> Any:
    if isinstance(value, str) and value in SHEET_ERRORS:
        raise ValueError(f"{name!r} is the error {value} of a sheet")
    return None if value != value else value  # not a number: nothing, in a data frame


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
        formats = option["format"] if isinstance(option["format"], list) else [str(option["format"])]
        return lambda row: _instant(row[column], formats)
    return lambda row: row[column]


def _instant(value: Any, formats: list[str]) -> date | None:
    """A sheet and a Parquet file may hold a date where a CSV file has its text."""
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    for written in formats[:-1]:
        with suppress(ValueError):
            return datetime.strptime(str(value), written)
    return datetime.strptime(str(value), formats[-1])
