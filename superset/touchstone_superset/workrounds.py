"""Four faults of Superset 6.1.0, worked round when the application starts; each says when it can go.

A fifth (event logging locks SQLite) is a setting; a sixth (`binary_location` raises TypeError) is avoided
by naming the driver's path: see superset_config.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def work_round_all(app: Any) -> None:
    """Superset's FLASK_APP_MUTATOR."""
    _read_eta_as_time()
    _commit_permalinks()
    _format_mailed_tables()
    _name_the_report()


def _read_eta_as_time() -> None:
    """On SQLite a report's time must be a datetime, but Celery hands over its `eta` as text.

    apache/superset#31625; goes when the task parses it.
    """
    from superset.commands.report.execute import AsyncExecuteReportScheduleCommand as Command

    if hasattr(Command, "touchstone_original"):
        return
    original = Command.__init__

    def init(self: Any, task_id: str, model_id: int, scheduled: datetime | str | None) -> None:
        original(self, task_id, model_id, as_utc(scheduled))

    Command.touchstone_original = original
    Command.__init__ = init


def as_utc(moment: datetime | str | None) -> datetime:
    """In UTC, without zone: `"2026-11-01T08:00:00+02:00"` -> `datetime(2026, 11, 1, 6)`; None is now."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    moment = moment or datetime.now(UTC)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _commit_permalinks() -> None:
    """A filtered report's permalink is written in a transaction that the browser's request cannot see.

    The web process waits for the shared row and the worker waits for the page. Goes when the command commits.
    """
    from superset import db
    from superset.commands.report.execute import BaseReportState as State

    if hasattr(State, "touchstone_original"):
        return
    original = State._get_tab_url

    def get_tab_url(self: Any, *args: Any, **kwargs: Any) -> str:
        url = str(original(self, *args, **kwargs))
        db.session.commit()
        return url

    State.touchstone_original = original
    State._get_tab_url = get_tab_url


def _format_mailed_tables() -> None:
    """A table in a mail shows raw numbers, sixteen digits of them. Goes when Superset formats them."""
    import pandas as pd
    from superset.commands.report.execute import BaseReportState as State

    from touchstone_superset.tables import formatted

    if hasattr(State, "touchstone_table"):
        return
    original = State._get_embedded_data

    def get_embedded_data(self: Any) -> Any:
        rows = original(self)
        return formatted(rows, self._report_schedule.chart.datasource.metrics, pd.isna)

    State.touchstone_table = original
    State._get_embedded_data = get_embedded_data


def _name_the_report() -> None:
    """EMAIL_HEADER_MUTATOR is told the dashboard of a mail, not its report. Goes when it is."""
    from superset.commands.report.execute import BaseReportState as State

    if hasattr(State, "touchstone_header"):
        return
    original = State._get_log_data

    def get_log_data(self: Any) -> dict[str, Any]:
        return {**original(self), "report_id": self._report_schedule.id}

    State.touchstone_header = original
    State._get_log_data = get_log_data
