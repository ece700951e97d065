"""Load a source: dlt walks the pages into a package, merges it into `raw`, and keeps the cursors.

dlt gives the two things that are hard: a package on disk that is finished after a crash, and cursors that
are committed together with the rows they stand for.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")  # what went wrong is raised, not logged
os.environ.setdefault("RESTORE_FROM_DESTINATION", "false")  # a lost state folder means to load all
os.environ.setdefault("LOAD__TRUNCATE_STAGING_DATASET", "true")  # else every row is kept, and packed, twice

import dlt
from dlt.common.schema.typing import TColumnSchema

from ingest.ahead import ahead
from ingest.catching_up import behind, cross_out
from ingest.contract import RAW, Column, Table, create_promised_tables, promised, promised_of
from ingest.errors import IngestError, as_ingest_error
from ingest.extract import Connector, Extract, Lacking, Window, without
from ingest.new_columns import agreed, existing_columns, left_out, told_fields, widened
from ingest.rows import Rows, newest, precision_and_scale, to_arrow
from ingest.sweep import Sweeper
from ingest.unread import Widening

DLT_TYPES = {
    "VARCHAR": "text",
    "TIMESTAMP": "timestamp",
    "DATE": "date",
    "BOOLEAN": "bool",
    "BIGINT": "bigint",
}
# Tables whose rows belong to a parent and are replaced with it: a merged history replaces the old one.
PARENT_KEYS = {
    "hubspot__contact_lifecycle": ["contact_id"],
    "hubspot__deal_stages": ["deal_id"],
    "hubspot__associations": ["from_object", "from_id"],
}
# Days that were read again and rows of them that did not come again: the vendor has withdrawn those.
WITHDRAWN = """
    DELETE FROM raw.{table} WHERE _loaded_at < $loaded_at::TIMESTAMP AND {day} >= $since::TIMESTAMP::DATE
    AND ($until IS NULL OR {day} < $until::TIMESTAMP::DATE)"""
ITEM_ROWS = 20_000
Told = Callable[[str, str, int], None]  # (source, object, rows so far)


@dataclass
class ObjectLoad:
    """What was loaded of an object."""

    rows: int = 0
    watermark: datetime | None = None
    new_columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class SourceLoad:
    """What was loaded of a source, by promised table."""

    objects: dict[str, ObjectLoad] = field(default_factory=dict)

    def add(self, table: str, rows: int, watermark: datetime | None = None) -> int:
        """Count `rows` for `table`, and the newest instant seen; the rows so far."""
        load = self.objects.setdefault(table, ObjectLoad())
        load.rows += rows
        if watermark is not None and (load.watermark is None or watermark > load.watermark):
            load.watermark = watermark
        return load.rows


@dataclass(frozen=True)
class Loader:
    """Where a source is loaded to, and how far it is told to look."""

    warehouse_file: Path
    state_dir: Path
    window: Window
    progress: Told

    def load(self, connector: Connector, identity: str) -> SourceLoad:
        """Load `connector`'s objects from where the last load came to; all of them where the state is lost.

        Work that a killed run left behind is finished first. A source whose `identity` has changed is
        emptied and loaded from the start. Raises IngestError.
        """
        try:
            return self._load(connector, identity)
        except Exception as error:
            raise as_ingest_error(connector.source, error) from None

    def _load(self, connector: Connector, identity: str) -> SourceLoad:
        pipeline = self._finish(connector)
        state = pipeline.state.get("sources", {}).get(connector.source, {})
        if state.get("identity", identity) != identity:
            forget(self.warehouse_file, self.state_dir, connector.source)
            pipeline = self._pipeline(connector.source)
        is_first = self._is_empty(connector)
        load = SourceLoad()
        source = self._dlt_source(connector, identity, load)
        pipeline.run(source, loader_file_format="parquet")
        self._settle(connector, pipeline)
        if self.window == Window():
            self._cross_out(connector)
        self._sweep(connector, is_first)
        return load

    def _finish(self, connector: Connector) -> dlt.Pipeline:
        """The source's pipeline, with the work done that a killed run left behind.

        Work that cannot be done, as a disk that was full may leave it, is thrown away with the cursors that
        stand for it: everything is loaded once more.
        """
        pipeline = self._pipeline(connector.source)
        if not pipeline.has_pending_data:
            # A run that was killed after its rows were there may not have come to this.
            self._withdraw(connector, pipeline)
            return pipeline
        try:
            pipeline.normalize()
            pipeline.load()
        except Exception:
            shutil.rmtree(self.state_dir / connector.source)
            return self._pipeline(connector.source)
        self._settle(connector, pipeline)
        return pipeline

    @cached_property
    def _behind(self) -> frozenset[str]:
        """Tables that lack what they are promised now."""
        return behind(self.warehouse_file)

    def _cross_out(self, connector: Connector) -> None:
        with duckdb.connect(str(self.warehouse_file)) as connection:
            cross_out(connection, {name for one in connector.extracts for name in (one.table, *one.also)})

    def _pipeline(self, source: str) -> dlt.Pipeline:
        return dlt.pipeline(
            source,
            pipelines_dir=str(self.state_dir),
            destination=_destination(self.warehouse_file),
            dataset_name=RAW,
        )

    def _dlt_source(self, connector: Connector, identity: str, load: SourceLoad) -> Any:
        loaded_at = datetime.now(UTC).replace(tzinfo=None)

        @dlt.source(name=connector.source, schema_contract={"data_type": "freeze"})
        def source() -> Any:
            for extract in connector.extracts:
                yield dlt.resource(
                    self._items(connector, extract, identity, load, loaded_at), name=extract.table
                )

        return source()

    def _items(
        self, connector: Connector, extract: Extract, identity: str, load: SourceLoad, loaded_at: datetime
    ) -> Iterator[Any]:
        """The Arrow tables of an object; the cursor is kept when the walk has come to its end."""
        state, started = dlt.current.source_state(), datetime.now(UTC)
        cursors: dict[str, str] = state.setdefault("cursors", {})
        state["identity"] = identity
        window, tables = self._agree(extract, self._window(extract, cursors), load)
        gathered = Gathered(extract, self._widenings(tables), loaded_at)
        for name in (extract.table, *extract.also):
            load.add(name, 0)
            if extract.replaces:  # an empty item, so that rows of a file that is gone go too
                yield from gathered.add(name, [], at_once=True)
        for page in ahead(extract.walk(window)):
            for name, rows in page.items():
                items = list(gathered.add(name, rows))  # first, as it says what cannot be read
                seen = gathered.newest if name == extract.table else None
                self.progress(connector.source, promised(name).object, load.add(name, len(rows), seen))
                yield from items
        yield from gathered.rest()
        for name, columns in gathered.new_columns().items():
            load.objects[name].new_columns += columns
        load.objects[extract.table].notes += (
            *without(window.lacking),
            *extract.notes(),
            *gathered.repeated(),
        )
        if extract.restates and window.since is not None:
            state.setdefault("asked", {})[extract.table] = {
                "since": window.since.isoformat(),
                "until": window.until.isoformat() if window.until else None,
                "loaded_at": loaded_at.isoformat(),
            }
        watermark = self._watermark(connector, load.objects[extract.table].watermark, started)
        if watermark > cursors.get(extract.table, ""):
            cursors[extract.table] = watermark

    def _watermark(self, connector: Connector, newest_seen: datetime | None, started: datetime) -> str:
        """Where the next load goes on: not beyond the vendor's instant at which this walk began.

        What changed behind the walk's back is older than the newest record that it saw. A stretch that was
        asked for moves nothing: what lies between the last load and it has not been read.
        """
        if newest_seen is None or self.window.since is not None:
            return ""
        skew = connector.session.skew if connector.session is not None else timedelta(0)
        begun = (started + min(skew, timedelta(0))).replace(tzinfo=None)
        return min(newest_seen, begun).isoformat()

    def _widenings(self, tables: dict[str, Table]) -> dict[str, Widening]:
        """What the tables are and may become. In a load of a few days no column is new: the rest would be
        empty in it."""
        return {
            name: Widening(
                table, existing_columns(self.warehouse_file, name), may_add=self.window.since is None
            )
            for name, table in tables.items()
        }

    def _agree(self, extract: Extract, window: Window, load: SourceLoad) -> tuple[Window, dict[str, Table]]:
        """The window with the vendor's further fields, and the tables as wide as that makes them.

        A new column is loaded from the start: records that did not change may have a value in it.
        """
        tables = {name: promised(name) for name in (extract.table, *extract.also)}
        if extract.lacking is not None:
            window = replace(window, lacking=self._lacking(extract.lacking()))
        if extract.further is None:
            return window, tables
        is_asked = self.window.since is not None
        told = told_fields(extract.further, self.warehouse_file, extract.table)
        fields, new = agreed(self.warehouse_file, extract.table, told, may_add=not is_asked)
        tables[extract.table] = widened(tables[extract.table], fields)
        load.objects[extract.table] = ObjectLoad(new_columns=new, notes=left_out(told, fields))
        return replace(window, since=None if new else window.since, fields=fields), tables

    def _lacking(self, lacking: Lacking) -> Lacking:
        """`lacking` as told. IngestError where a column has been loaded: what changed would lose its value."""
        with duckdb.connect(str(self.warehouse_file)) as connection:
            for table, columns in lacking.items():
                for column in sorted(columns):
                    question = f'SELECT 1 FROM {RAW}."{table}" WHERE "{column}" IS NOT NULL LIMIT 1'  # noqa: S608
                    if connection.execute(question).fetchone():
                        raise IngestError(
                            promised(table).source,
                            f"the field of {table}.{column} is no longer there, or hidden from this user, and was "
                            "loaded before: give it back, or switch the source off for one run",
                        )
        return lacking

    def _window(self, extract: Extract, cursors: dict[str, str]) -> Window:
        is_behind = not self._behind.isdisjoint((extract.table, *extract.also))
        if self.window.since is not None or extract.table not in cursors or is_behind:
            return self.window
        since = datetime.fromisoformat(cursors[extract.table]) - extract.overlap
        return Window(since, self.window.until, flagged=self._flagged(extract))

    def _flagged(self, extract: Extract) -> frozenset[str]:
        if extract.flag is None:
            return frozenset()
        with duckdb.connect(str(self.warehouse_file)) as connection:
            found = connection.execute(
                f'SELECT id FROM {RAW}."{extract.table}" WHERE "{extract.flag}"'  # noqa: S608 - promised names
            ).fetchall()
        return frozenset(str(key) for (key,) in found)

    def _settle(self, connector: Connector, pipeline: dlt.Pipeline) -> None:
        """What follows from the rows that are there: may be repeated, and is, after a crash."""
        self._withdraw(connector, pipeline)
        with duckdb.connect(str(self.warehouse_file)) as connection:
            for statement in connector.after_load:
                connection.execute(statement)

    def _withdraw(self, connector: Connector, pipeline: dlt.Pipeline) -> None:
        """Drop what did not come again of the days that were last asked for again."""
        asked = pipeline.state.get("sources", {}).get(connector.source, {}).get("asked", {})
        with duckdb.connect(str(self.warehouse_file)) as connection:
            for one in connector.extracts:
                if one.table in asked:
                    connection.execute(WITHDRAWN.format(table=one.table, day=one.cursor), asked[one.table])

    def _is_empty(self, connector: Connector) -> bool:
        """Whether nothing of what is swept has been loaded yet."""
        with duckdb.connect(str(self.warehouse_file)) as connection:
            return not any(
                connection.execute(f'SELECT 1 FROM {RAW}."{sweep.table}" LIMIT 1').fetchone()  # noqa: S608
                for sweep in connector.sweeps
            )

    def _sweep(self, connector: Connector, is_first: bool) -> None:
        note = self.state_dir / connector.source / "sweep.json"
        sweeper = Sweeper(connector.source, note, connector.sweep_days)
        if not connector.sweeps or self.window != Window():
            return
        if is_first:  # everything that is listed has just been read
            sweeper.write_note()
        else:
            with duckdb.connect(str(self.warehouse_file)) as connection:
                sweeper.run(connector.sweeps, connection)


def forget(warehouse_file: Path, state_dir: Path, source: str) -> None:
    """Forget a source: its rows and its cursors. The files go first, so that a crash repeats this."""
    shutil.rmtree(state_dir / source, ignore_errors=True)
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.begin()
        for table in promised_of(source):
            own = {column.name for column in table.columns}
            is_wider = not existing_columns(warehouse_file, table.name).keys() <= own
            # A further column goes too, as it may come back with another type.
            gone = "DROP TABLE" if is_wider else "DELETE FROM"
            connection.execute(f'{gone} {RAW}."{table.name}"')
        if _has_dlt_versions(connection):  # else dlt believes that the columns are there
            connection.execute("DELETE FROM raw._dlt_version WHERE schema_name = ?", [source])
        connection.commit()
        create_promised_tables(connection)


class Gathered:
    """The rows of a walk, gathered into items of ITEM_ROWS: dlt works for each item as long as for its rows."""

    def __init__(self, extract: Extract, widenings: dict[str, Widening], loaded_at: datetime) -> None:
        self._extract, self._widenings, self._loaded_at = extract, widenings, loaded_at
        self._pages: dict[str, list[pa.Table]] = {}
        self._hinted: set[str] = set()
        self._keys: set[tuple] = set()
        self._repeats = 0
        self.newest: datetime | None = None  # by the cursor, of the page that was added last

    def add(self, name: str, rows: Rows, at_once: bool = False) -> Iterator[Any]:
        """Take rows for the promised table `name`; the item that is full, if one is."""
        pages, widening = self._pages.setdefault(name, []), self._widenings[name]
        if widening.widen(rows):
            self._hinted.discard(name)
        if len(rows) or at_once:
            pages.append(self._once(widening.table, to_arrow(widening.table, rows, self._loaded_at)))
            if name == self._extract.table and self._extract.cursor:
                self.newest = newest(pages[-1], self._extract.cursor)
        if at_once or sum(page.num_rows for page in pages) >= ITEM_ROWS:
            yield self._item(name)

    def repeated(self) -> tuple[str, ...]:
        """A note on rows that were left out."""
        if not self._repeats:
            return ()
        return (f"{self._repeats:,} rows repeat the key of another one and are left out",)

    def _once(self, table: Table, page: pa.Table) -> pa.Table:
        """`page` without keys that came before. What is merged by key needs no such care."""
        if not self._extract.replaces or not page.num_rows:
            return page
        keys = zip(*(page.column(name).to_pylist() for name in table.key), strict=True)
        before, kept = len(self._keys), []
        for key in keys:
            kept.append(key not in self._keys)
            self._keys.add(key)
        repeats = page.num_rows - (len(self._keys) - before)
        self._repeats += repeats
        return page.filter(pa.array(kept)) if repeats else page

    def rest(self) -> Iterator[Any]:
        """What is left at the end of the walk."""
        for name in [name for name, pages in self._pages.items() if pages]:
            yield self._item(name)

    def new_columns(self) -> dict[str, tuple[Column, ...]]:
        """The columns that the vendor has added, by table."""
        return {name: tuple(one.new) for name, one in self._widenings.items() if one.new}

    def _item(self, name: str) -> Any:
        """The rows so far; the first ones of a walk, and of a wider table, carry the table's hints."""
        pages = self._pages.pop(name)
        arrow = pa.concat_tables(pages, promote_options="default").combine_chunks()
        if name in self._hinted:
            return dlt.mark.with_table_name(arrow, name)
        self._hinted.add(name)
        table, extract = self._widenings[name].table, self._extract
        hints = dlt.mark.make_hints(
            table_name=name,
            columns=[_column(column, extract.cursor) for column in table.columns],
            primary_key=list(table.key),
            merge_key=PARENT_KEYS.get(name, []),
            write_disposition="replace"
            if extract.replaces
            else {"disposition": "merge", "strategy": "delete-insert"},
        )
        return dlt.mark.with_hints(arrow, hints, create_table_variant=True)


def _destination(file: Path) -> Any:
    """DuckDB as dlt knows it. It asks some forty times a load what DuckDB can, and resolves a configuration
    from the environment each time, which no answer depends on and which took a third of a small load."""
    destination = dlt.destinations.duckdb(str(file), replace_strategy="insert-from-staging")
    ask, plain = destination.capabilities, destination.spec()
    destination.capabilities = (  # type: ignore[method-assign]
        lambda config=None, naming=None: ask(config or plain, naming)
    )
    return destination


def _column(column: Column, cursor: str | None) -> TColumnSchema:
    kind = column.type.partition("(")[0]
    hint: dict[str, Any] = {"name": column.name, "nullable": True}
    if kind == "DECIMAL":
        precision, scale = precision_and_scale(column.type)
        hint |= {"data_type": "decimal", "precision": precision, "scale": scale}
    else:
        hint["data_type"] = DLT_TYPES[kind]
    if kind == "TIMESTAMP":
        hint |= {"timezone": False, "precision": 6}
    if column.name == cursor:
        hint["dedup_sort"] = "desc"  # a record that changed while it was walked comes twice: keep the newer
    return hint  # type: ignore[return-value]


def _has_dlt_versions(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
        [RAW, "_dlt_version"],
    ).fetchone()
    return found is not None
