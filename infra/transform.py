"""Build the warehouse with SQLMesh: every model, and every audit that guards one."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.errors import RefreshError
from infra.mapping.decisions import read_decisions
from infra.marks import mark, remember, unknown
from infra.settings import PROJECT, Settings

MODELS = PROJECT / "sqlmesh"
PROD = "prod"

Step = Callable[[int, int, str], None]


def build(warehouse_file: Path, step: Step, project: Path = MODELS) -> int:
    """Bring every model up to the raw tables as they are now; returns how many models were built.

    Calls `step(done, total, model)` as it goes. Raises RefreshError that names the audit or the model that
    failed. The published numbers are elsewhere: nothing here is visible to a reader.
    """
    rows = mark(warehouse_file)
    unknown(warehouse_file, PROD)
    with opened(warehouse_file, step, project) as (context, console):
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
    _environment(warehouse_file)
    _decisions()
    # Imported here: it costs two seconds, and reads the environment as it is imported.
    from sqlmesh.core.console import set_console
    from sqlmesh.core.context import Context
    from sqlmesh.utils.errors import SQLMeshError

    from infra.transform_console import RefreshConsole

    _relearn()
    console = RefreshConsole(step)
    set_console(console)
    logging.getLogger("sqlmesh").setLevel(logging.ERROR)
    try:
        context = Context(paths=[str(project)])
    except SQLMeshError as error:
        raise RefreshError("models", "reading them", str(error)) from error
    try:
        _migrate(context)
        yield context, console
    finally:
        context.close()


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


def _relearn() -> None:
    """Make sqlglot look again at how it writes SQL.

    It remembers a dialect from its first use on, and SQLMesh adds nodes of its own to every dialect as it is imported:
    a process that has asked a question before could not write them.
    """
    from sqlglot import generator

    generator._DISPATCH_CACHE.clear()


def _environment(warehouse_file: Path) -> None:
    os.environ["TOUCHSTONE_WAREHOUSE_FILE"] = str(warehouse_file.resolve())
    os.environ["SQLMESH__DISABLE_ANONYMIZED_ANALYTICS"] = "true"
    # Forked loaders would outlive a parent that is killed, and hold its files.
    os.environ.setdefault("MAX_FORK_WORKERS", "1")


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
    # Those of prod too: where only a model's description is new, its new version inherits the table as it was built.
    built = [*context.snapshots.values(), *_in_state(context, PROD)]
    forget(context, [snapshot for snapshot in built if snapshot.name in stale])


def _in_state(context: Any, environment: str) -> list[Any]:
    found = context.state_sync.get_environment(environment)
    return list(context.state_sync.get_snapshots(found.snapshots).values()) if found else []


def forget(context: Any, snapshots: Iterable[Any]) -> None:
    """Make SQLMesh take these for not built, in every environment that shows their tables."""
    intervals = [(snapshot, interval) for snapshot in snapshots for interval in snapshot.intervals]
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
        context.apply(plan)
    except SQLMeshError as error:
        failed = console.first_failure()
        raise failed or RefreshError("models", type(error).__name__, str(error)) from error
    failed = console.first_failure()
    if failed:
        raise failed
    return bool(plan.new_snapshots)


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
