"""Build the warehouse with SQLMesh: every model, and every audit that guards one."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.errors import RefreshError
from infra.mapping.decisions import read_decisions
from infra.settings import PROJECT, Settings

MODELS = PROJECT / "sqlmesh"

Step = Callable[[int, int, str], None]


def build(warehouse_file: Path, step: Step, project: Path = MODELS) -> int:
    """Bring every model up to the raw tables as they are now; returns how many models were built.

    Calls `step(done, total, model)` as it goes. Raises RefreshError that names the audit or the model that
    failed. The published numbers are elsewhere: nothing here is visible to a reader.
    """
    _environment(warehouse_file)
    _decisions()
    # Imported here: it costs two seconds, and reads the environment as it is imported.
    from sqlmesh.core.console import set_console

    from infra.transform_console import RefreshConsole

    console = RefreshConsole(step)
    set_console(console)
    logging.getLogger("sqlmesh").setLevel(logging.ERROR)
    with _context(project) as context:
        _forget(context)
        _plan(context, console)
    return console.built


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


@contextmanager
def _context(project: Path) -> Iterator[Any]:
    from sqlmesh.core.context import Context

    context = Context(paths=[str(project)])
    try:
        yield context
    finally:
        context.close()


def _forget(context: Any) -> None:
    """Make SQLMesh build again whatever the raw rows may have changed, in the one plan that follows.

    It would not look at a model again within its cron interval. And it counts a model as built although what
    follows from it failed an audit: without this, rows that were put right would never come past that model.
    """
    stale = _readers(context)
    stale |= {name for reader in stale for name in context.dag.downstream(reader)}
    intervals = [
        (snapshot, interval)
        for snapshot in context.snapshots.values()
        if snapshot.name in stale
        for interval in snapshot.intervals
    ]
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


def _plan(context: Any, console: Any, **options: Any) -> None:
    from sqlmesh.utils.errors import SQLMeshError

    try:
        context.plan("prod", auto_apply=True, no_prompts=True, no_diff=True, skip_tests=True, **options)
    except SQLMeshError as error:
        failed = console.first_failure()
        raise failed or RefreshError("models", type(error).__name__, str(error)) from error
    failed = console.first_failure()
    if failed:
        raise failed
