"""Virtual environments: a change is built beside prod, and becomes prod without being built again.

SQLMesh names each table after what it was built from. A model that nobody changed has one table, which every
environment shows; a changed one and what follows from it get tables of their own. Promotion moves names, not rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from infra.errors import InfraError, MistakeError, RefreshError
from infra.marks import mark, marks, remember, same_rows, unfinished, unknown
from infra.review.large import Kept, kept, refuse_rebuilding
from infra.review.opening import SERVED
from infra.transform import MODELS, PROD, Step, apply, forget, opened, tidy

# SQLMesh writes an environment's name into schema names: core__dev.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}$")


@dataclass(frozen=True)
class Planned:
    """An environment as it was built. Model names are as people write them: `core.person`.

    changed: their own file (or a macro or setting that they read) is another than prod's. follows: they read a changed
    one. built: how many models were computed. same_rows: prod was built from the raw rows that this was built from.
    large: the large models that have a table of their own here, and how much of it is prod's.
    """

    environment: str
    changed: tuple[str, ...]
    follows: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    built: int
    same_rows: bool
    large: tuple[Kept, ...] = ()


@dataclass(frozen=True)
class Promoted:
    """What became prod: the models that are another than before, those that are gone, and how many had to be computed
    (0 as a rule)."""

    models: tuple[str, ...]
    removed: tuple[str, ...]
    built: int


def plan(
    warehouse_file: Path, environment: str, step: Step, project: Path = MODELS, forward_only: bool = False
) -> Planned:
    """Build the models that differ from prod, and what follows from them, beside prod. Hold the refresh lock.

    Raises InfraError with the model, audit, unit test or house rule that failed; prod is as it was. With
    `forward_only`, MistakeError before anything is built where a large model would be built anew.
    """
    check_name(environment)
    rows = mark(warehouse_file)
    try:
        with opened(warehouse_file, step, project) as (context, console):
            prod = _snapshots(context, PROD)
            if not prod:
                raise MistakeError("there is no prod to compare with yet: run `touchstone refresh` first")
            mine = dict(context.snapshots)
            if forward_only:
                refuse_rebuilding(context, prod, mine)
            _forget_older(context, environment, prod, fresh=rows == marks(warehouse_file).get(environment))
            unknown(warehouse_file, environment)
            _check_complete(context, prod, mine)
            apply(context, console, environment, include_unmodified=True, skip_tests=False)
            remember(warehouse_file, environment, rows)
            planned = _planned(environment, prod, mine, console.built, warehouse_file)
            return replace(planned, large=kept(context, prod, _snapshots(context, environment)))
    except RefreshError as error:
        raise InfraError(
            f"{environment} was not built: {error.stage}: {error.failed}: {error.message}\n"
            "prod and what is served are as they were."
        ) from error


def promote(warehouse_file: Path, environment: str, step: Step, project: Path = MODELS) -> Promoted:
    """Make prod what the environment is, from the tables that it was built into. Hold the refresh lock.

    Raises MistakeError where the environment is not what the files say, or was built from other raw rows than prod.
    """
    check_name(environment)
    known, rows = marks(warehouse_file), mark(warehouse_file)
    with opened(warehouse_file, step, project) as (context, console):
        reviewed, prod = _snapshots(context, environment), _snapshots(context, PROD)
        mine = dict(context.snapshots)
        _check_reviewed(environment, reviewed, mine)
        _check_finished(warehouse_file, environment)
        if not known.get(environment) == known.get(PROD) == rows:
            raise MistakeError(
                f"{environment} and prod were not built from the same raw rows: "
                f"run `touchstone refresh` where prod is behind, then `touchstone plan {environment}` again"
            )
        moved = _plain(name for name, info in mine.items() if _table(prod.get(name)) != _table(info))
        apply(context, console, PROD)
        tidy(context)
        remember(warehouse_file, PROD, rows)
        return Promoted(moved, _plain(prod.keys() - mine.keys()), console.built)


def discard(warehouse_file: Path, environment: str, step: Step, project: Path = MODELS) -> None:
    """Remove an environment and the tables that only it showed. Hold the refresh lock."""
    check_name(environment)
    with opened(warehouse_file, step, project) as (context, _):
        if not _snapshots(context, environment):
            raise MistakeError(f"there is no environment {environment!r}")
        unknown(warehouse_file, environment)
        context.invalidate_environment(environment, sync=True)
        context.run_janitor(ignore_ttl=True)


def check_name(environment: str) -> None:
    """Raises MistakeError for a name that means something else, or that SQLMesh would write otherwise."""
    if environment in (PROD, SERVED) or not _NAME.match(environment):
        raise MistakeError(
            f"{environment!r} cannot be an environment for review: take a name of at most 31 lower-case letters, "
            f"digits and _ that begins with a letter and is not {PROD!r} or {SERVED!r}, e.g. dev"
        )


def _snapshots(context: Any, environment: str) -> dict[str, Any]:
    """The models of an environment, as SQLMesh keeps them: by quoted name; none where there is no such environment."""
    found = context.state_reader.get_environment(environment)
    return {info.name: info for info in found.snapshots} if found else {}


def _forget_older(context: Any, environment: str, prod: dict[str, Any], fresh: bool) -> None:
    """What was built for review is built again, unless it is this environment's and of the raw rows as they are."""
    kept = {_table(info) for info in prod.values()}
    kept |= {_table(info) for info in _snapshots(context, environment).values()} if fresh else set()
    forget(context, [one for one in context.snapshots.values() if one.version and _table(one) not in kept])


def _check_complete(context: Any, prod: dict[str, Any], mine: dict[str, Any]) -> None:
    """A model that nobody changed is prod's: building it here would change prod's tables."""
    shared = [
        context.snapshots[name] for name, info in mine.items() if _table(prod.get(name)) == _table(info)
    ]
    behind = [s.name for s in shared if s.is_model and s.evaluatable and not s.intervals]
    if behind:
        raise MistakeError(
            f"prod was not built to its end ({', '.join(_plain(behind)[:3])}): run `touchstone refresh` first"
        )


def _check_reviewed(environment: str, reviewed: dict[str, Any], mine: dict[str, Any]) -> None:
    if not reviewed:
        raise MistakeError(
            f"there is no environment {environment!r}: run `touchstone plan {environment}` first"
        )
    names = {*reviewed, *mine}
    other = _plain(name for name in names if _identity(reviewed.get(name)) != _identity(mine.get(name)))
    if other:
        raise MistakeError(
            f"the files are not what {environment} was built from ({', '.join(other[:5])}): "
            f"run `touchstone plan {environment}` and `touchstone diff {environment}` again"
        )


def _check_finished(warehouse_file: Path, environment: str) -> None:
    for name, remedy in ((PROD, "refresh"), (environment, f"plan {environment}")):
        if unfinished(warehouse_file, name):
            raise MistakeError(
                f"the last build of {name} did not come to its end: run `touchstone {remedy}` first"
            )


def _planned(
    environment: str, prod: dict[str, Any], mine: dict[str, Any], built: int, warehouse_file: Path
) -> Planned:
    both = [name for name in mine if name in prod and _identity(prod[name]) != _identity(mine[name])]
    changed = {name for name in both if _own(prod[name]) != _own(mine[name])}
    return Planned(
        environment=environment,
        changed=_plain(changed),
        follows=_plain(set(both) - changed),
        added=_plain(mine.keys() - prod.keys()),
        removed=_plain(prod.keys() - mine.keys()),
        built=built,
        same_rows=same_rows(warehouse_file, environment, PROD),
    )


def _identity(info: Any) -> Any:
    return info.fingerprint if info is not None else None


def _own(info: Any) -> tuple[str, str]:
    """What a model says itself, without what it reads."""
    return (info.fingerprint.data_hash, info.fingerprint.metadata_hash)


def _table(info: Any) -> tuple[str, str | None] | None:
    """Which table a model's rows are in: two snapshots of one version share it."""
    return (info.name, info.version) if info is not None else None


def _plain(names: Iterable[str]) -> tuple[str, ...]:
    """`"WAREHOUSE"."CORE"."PERSON"` as `core.person`, in order."""
    return tuple(sorted(".".join(name.replace('"', "").lower().split(".")[-2:]) for name in names))
