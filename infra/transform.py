"""Build the warehouse with SQLMesh: every model, and every audit that guards one."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.errors import RefreshError
from infra.settings import PROJECT

MODELS = PROJECT / "sqlmesh"

Step = Callable[[int, int, str], None]


def build(warehouse_file: Path, step: Step, project: Path = MODELS) -> int:
    """Bring every model up to the raw tables as they are now; returns how many models were built.

    Calls `step(done, total, model)` as it goes. Raises RefreshError that names the audit or the model that
    failed. The published numbers are elsewhere: nothing here is visible to a reader.
    """
    _environment(warehouse_file)
    # Imported here: it costs two seconds, and reads the environment as it is imported.
    from sqlmesh.core.console import set_console
    from sqlmesh.core.context import Context

    from infra.transform_console import RefreshConsole

    console = RefreshConsole(step)
    set_console(console)
    logging.getLogger("sqlmesh").setLevel(logging.ERROR)
    context = Context(paths=[str(project)])
    try:
        _apply(context, console)
    finally:
        context.close()
    return console.built


def _environment(warehouse_file: Path) -> None:
    os.environ["TOUCHSTONE_WAREHOUSE_FILE"] = str(warehouse_file.resolve())
    os.environ["SQLMESH__DISABLE_ANONYMIZED_ANALYTICS"] = "true"
    # Forked loaders would outlive a parent that is killed, and hold its files.
    os.environ.setdefault("MAX_FORK_WORKERS", "1")


def _apply(context: Any, console: Any) -> None:
    """Apply changed definitions, then rebuild what the new raw rows touch.

    SQLMesh would not look at a model again within its cron interval, so models that were there before are
    restated: a second refresh on one day sees the rows that came in between.
    """
    known = context.state_reader.get_environment("prod") is not None
    _plan(context, console)
    if known:
        names = [model.name for model in context.models.values() if _is_built(model)]
        _plan(context, console, restate_models=names)


def _is_built(model: Any) -> bool:
    return not (model.kind.is_external or model.kind.is_seed or model.kind.is_embedded)


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
