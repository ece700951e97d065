"""Build the warehouse with SQLMesh: every model, and every audit that guards one."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.errors import RefreshError
from infra.garbage import never, seldom
from infra.mapping.decisions import read_decisions
from infra.marks import mark, remember, unknown
from infra.settings import PROJECT, Settings

MODELS = PROJECT / "sqlmesh"
PROD = "prod"

Step = Callable[[int, int, str], None]


def build(
    warehouse_file: Path, step: Step, project: Path = MODELS, begin: Callable[[], object] = lambda: None
) -> int:
    """Bring every model up to the raw tables as they are now; returns how many models were built.

    Calls `step(done, total, model)` as it goes, and `begin` when it has read the models and has not opened the
    warehouse yet: who still loads raw tables returns from it when they are loaded. Raises RefreshError that names the
    audit or the model that failed. The published numbers are elsewhere: nothing here is visible to a reader.
    """
    with _read(warehouse_file, step, project) as (context, console):
        begin()
        rows = mark(warehouse_file)
        unknown(warehouse_file, PROD)
        _look_into(context)
        _forget(context)
        if apply(context, console, PROD):
            tidy(context)
    remember(warehouse_file, PROD, rows)
    return console.built


@contextmanager
def opened(warehouse_file: Path, step: Step, project: Path = MODELS) -> Iterator[tuple[Any, Any]]:
    """The project's SQLMesh context over a warehouse, and the console that it tells what it does.

    Raises RefreshError with the file and the reason where a model cannot be read.
    """
    with _read(warehouse_file, step, project) as (context, console):
        _look_into(context)
        yield context, console


@contextmanager
def _read(warehouse_file: Path, step: Step, project: Path) -> Iterator[tuple[Any, Any]]:
    """The same before the warehouse is opened, which SQLMesh does when it first asks something."""
    prepare(str(warehouse_file.resolve()))
    # Imported here: it costs two seconds, and reads the environment as it is imported.
    from sqlmesh.core.console import set_console
    from sqlmesh.core.context import Context
    from sqlmesh.utils.errors import SQLMeshError

    from infra.rendering import render_once
    from infra.transform_console import RefreshConsole

    _relearn()
    render_once()
    console = RefreshConsole(step)
    set_console(console)
    logging.getLogger("sqlmesh").setLevel(logging.ERROR)
    with seldom():
        try:
            with never():  # all that is read stays
                context = Context(paths=[str(project)])
        except SQLMeshError as error:
            raise RefreshError("models", "reading them", str(error)) from error
        try:
            yield context, console
        finally:
            context.close()


def _look_into(context: Any) -> None:
    """Open the warehouse, and bring what SQLMesh wrote there into today's form."""
    _migrate(context)
    _records_without_queries(context)


def _migrate(context: Any) -> None:
    """Bring what an older SQLMesh wrote into today's form; raises RefreshError for what a newer one wrote."""
    from sqlmesh.core.state_sync.base import SCHEMA_VERSION
    from sqlmesh.utils.errors import SQLMeshError

    state = context._new_state_sync()
    written = state.get_versions(validate=False)
    if written.schema_version == 0:
        return  # nothing was ever written
    try:
        state.get_versions()
    except SQLMeshError as error:
        if written.schema_version > SCHEMA_VERSION or "is behind" in str(error):
            raise RefreshError(
                "models",
                "the warehouse is of a newer version",
                f"{error} Run the version of Touchstone that built it, or give this one a TOUCHSTONE_HOME of its own",
            ) from error
        context.migrate()


class _NoQueries:
    """SQLMesh's store of parsed queries, when it reads the records of models: empty, and stays so."""

    def put(self, model: Any) -> None:
        """Kept by the project's own models already."""

    def with_optimized_query(self, model: Any, name: str | None = None) -> bool:
        """Not found: a record whose query is asked for parses it then."""
        return False


def _records_without_queries(context: Any) -> None:
    """Read the records of models without their parsed queries, which took a tenth of a build.

    SQLMesh reads both, and then puts the project's own model, with its query, into each record. Where another
    SQLMesh keeps the store elsewhere, this does nothing.
    """
    records = context.state_sync
    for inner in ("state_sync", "snapshot_state", "_snapshot_cache"):
        records = getattr(records, inner, None)
    if hasattr(records, "_optimized_query_cache"):
        records._optimized_query_cache = _NoQueries()


def _relearn() -> None:
    """Make sqlglot look again at how it writes SQL.

    It remembers a dialect from its first use on, and SQLMesh adds nodes of its own to every dialect as it is imported:
    a process that has asked a question before could not write them.
    """
    from sqlglot import generator

    generator._DISPATCH_CACHE.clear()


def prepare(warehouse: str) -> None:
    """Set what SQLMesh reads of the environment; before it is imported."""
    os.environ["TOUCHSTONE_WAREHOUSE_FILE"] = warehouse
    os.environ["SQLMESH__DISABLE_ANONYMIZED_ANALYTICS"] = "true"
    # Forked loaders would outlive a parent that is killed, and hold its files.
    os.environ.setdefault("MAX_FORK_WORKERS", "1")
    _decisions()


def _decisions() -> None:
    """Refuse decisions about values that contradict each other, with their lines, before anything is built."""
    file = Settings().value_mapping.resolve()
    read_decisions(file)
    os.environ["TOUCHSTONE_VALUE_MAPPING"] = str(file)


def _forget(context: Any) -> None:
    """Make SQLMesh build again whatever the raw rows may have changed, in the one plan that follows.

    It would not look at a model again within its cron interval. And it counts a model as built although what
    follows from it failed an audit: without this, rows that were put right would never come past that model.
    """
    stale = _readers(context)
    stale |= {name for reader in stale for name in context.dag.downstream(reader)}
    forget(context, _versions(context, stale))


def _versions(context: Any, names: set[str]) -> list[Any]:
    """Of each of these models the version that the files describe, and prod's, as far as SQLMesh knows them.

    Prod's too: where only a model's description is new, its new version inherits the table as it was built. Names
    and versions are enough here: `context.snapshots` would read every model from the state, seconds of work that
    the plan does again.
    """
    from sqlmesh.core.snapshot import fingerprint_from_node

    if not names:
        return []
    nodes: dict[str, Any] = {**context.models, **context.standalone_audits}
    fingerprints: dict[str, Any] = {}
    described = {
        (name, fingerprint_from_node(nodes[name], nodes=nodes, cache=fingerprints).to_identifier())
        for name in names
    }
    prod = context.state_sync.get_environment(PROD)
    described |= {(info.name, info.identifier) for info in prod.snapshots} if prod else set()
    known = context.state_sync.get_snapshots_by_names(names, exclude_expired=False)
    return [version for version in known if (version.name, version.identifier) in described]


def forget(context: Any, versions: Iterable[Any]) -> None:
    """Make SQLMesh take these for not built, in every environment that shows their tables."""
    from sqlmesh.utils.date import now_timestamp

    always = (0, now_timestamp() + 24 * 60 * 60 * 1000)  # whatever was built of them; milliseconds since 1970
    intervals = [(version, always) for version in versions]
    if intervals:
        context.state_sync.remove_intervals(intervals, remove_shared_versions=True)


def _readers(context: Any) -> set[str]:
    """The models that read raw rows, without those that are empty and stay so: a source that is off costs nothing."""
    external = {model.fqn for model in context.models.values() if model.kind.is_external}
    return {
        model.fqn
        for model in context.models.values()
        if (parents := model.depends_on & external)
        and not all(_is_empty(context, name) for name in [model.fqn, *parents])
    }


def _is_empty(context: Any, table: str) -> bool:
    from sqlglot import exp

    adapter = context.engine_adapter
    # A model that was never promoted has no table of its name, whatever was built of it: not known to be empty.
    return adapter.table_exists(table) and adapter.fetchone(exp.select("1").from_(table).limit(1)) is None


def apply(context: Any, console: Any, environment: str, **options: Any) -> bool:
    """Plan an environment and build what it lacks; whether there were models that no environment had before.

    Raises RefreshError with the audit or model that failed.
    """
    from sqlmesh.utils.errors import SQLMeshError

    asked = {"skip_tests": True} | options
    try:
        plan = _all_breaking(context.plan_builder(environment, **asked)).build()
        with _recorded_at_once(context.state_sync):
            context.apply(plan)
    except SQLMeshError as error:
        failed = console.first_failure()
        raise failed or RefreshError("models", type(error).__name__, str(error)) from error
    failed = console.first_failure()
    if failed:
        raise failed
    return bool(plan.new_snapshots)


@contextmanager
def _recorded_at_once(state: Any) -> Iterator[None]:
    """Record which models were built when SQLMesh is through with all of them, or has failed, and not one by one.

    A build that is killed has recorded none of them. The next one would have forgotten them: it builds them anew.
    """
    built: list[Any] = []
    write, recycle = state.add_snapshots_intervals, state.recycle

    def record() -> None:
        if built:
            write(tuple(built))
            built.clear()

    def recycled() -> None:
        record()
        recycle()

    state.add_snapshots_intervals = built.extend
    state.recycle = recycled  # SQLMesh asks for it after the last model, whatever came of it
    try:
        yield
    finally:
        del state.add_snapshots_intervals, state.recycle
        record()


def tidy(context: Any) -> None:
    """Remove the tables of former versions that no environment has shown for a week, and environments of that age."""
    context.run_janitor(ignore_ttl=False)


def _all_breaking(builder: Any) -> Any:
    """Give whatever reads a changed model a table of its own.

    SQLMesh takes a change that it sees nothing of in the query, or only a new column, for one that no reader
    notices, and keeps the readers' tables as they are. But our macros write some conditions only when a model is
    evaluated, and the raw rows may be others since: the readers would be of yesterday.
    """
    from sqlmesh.core.snapshot.categorizer import SnapshotChangeCategory

    plan = builder.build()
    for snapshot_id in plan.directly_modified:
        snapshot = plan.snapshots.get(snapshot_id)
        if snapshot is not None and snapshot.change_category == SnapshotChangeCategory.NON_BREAKING:
            builder.set_choice(snapshot, SnapshotChangeCategory.BREAKING)
    return builder
