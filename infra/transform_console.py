"""What SQLMesh tells while it works, kept to what a refresh needs: how far it is, and which audit failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlmesh.core.console import NoopConsole
from sqlmesh.utils.errors import AuditError, NodeAuditsErrors

from infra.errors import RefreshError


class RefreshConsole(NoopConsole):
    """Counts evaluated models and keeps the failures."""

    def __init__(self, step: Callable[[int, int, str], None]) -> None:
        super().__init__()
        self._step = step
        self._total = 0
        self._failures: list[RefreshError] = []
        self.built = 0
        self._counting = threading.Lock()  # models are built two at a time

    def start_evaluation_progress(self, batched_intervals: Any, *_: Any, **__: Any) -> None:
        self.built = 0
        self._total = sum(len(intervals) for intervals in batched_intervals.values())

    def update_snapshot_evaluation_progress(self, snapshot: Any, *_: Any, **__: Any) -> None:
        with self._counting:
            self.built += 1
            self._step(self.built, self._total, snapshot.name.replace('"', ""))

    def log_failed_models(self, errors: list[Any]) -> None:
        self._failures.extend(_failure(error) for error in errors)

    def log_error(self, message: str, *_: Any, **__: Any) -> None:
        self._failures.append(RefreshError("models", "SQLMesh", message))

    def show_linter_violations(self, violations: list[Any], model: Any, is_error: bool = False) -> None:
        if is_error:
            told = "; ".join(sorted(str(one.violation_msg) for one in violations))
            self._failures.append(RefreshError("house rules", _plain(model.name), told))

    def log_test_results(self, result: Any, target_dialect: str) -> None:
        for test, why in (*result.failures, *result.errors):
            self._failures.append(RefreshError("unit tests", str(test.test_name), str(why).strip()))

    def first_failure(self) -> RefreshError | None:
        """The first audit that failed, else the first failure of any kind; None when all went well."""
        audits = [failure for failure in self._failures if failure.stage == "audits"]
        return next(iter(audits or self._failures), None)


def _failure(error: Any) -> RefreshError:
    cause = error.__cause__ or error
    if isinstance(cause, NodeAuditsErrors):
        return _audits_failure(cause.errors)
    node = getattr(error.node, "snapshot_name", None) or getattr(error.node, "name", None) or error.node
    return RefreshError("models", _plain(node), str(cause))


def _plain(name: Any) -> str:
    return str(name).replace('"', "")


def _audits_failure(errors: list[AuditError]) -> RefreshError:
    told = "; ".join(
        f"{error.audit_name} on {error.model_name}: {error.count} {'row' if error.count == 1 else 'rows'}"
        for error in errors
    )
    query = errors[0].sql("duckdb", pretty=False)
    return RefreshError("audits", errors[0].audit_name, f"{told}. The rows: {query}")
