"""Alerts and scheduled mails as files: superset/reports/*.yml -> Superset's reports, found by name.

Superset has no import for them. Deleting a file does not delete its report: `active: false` switches it off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from touchstone_superset.browser import can_draw
from touchstone_superset.dashboard import page_height
from touchstone_superset.names import identity
from touchstone_superset.spec import read_dashboard

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PICTURES = ("PDF", "PNG")


def read_reports(folder: Path, pictures: bool) -> dict[str, dict[str, Any]]:
    """File name -> report. Without a browser (`pictures` false), a report's `without_browser` applies."""
    reports = {}
    for path in sorted(folder.glob("*.yml")):
        report = yaml.safe_load(path.read_text(encoding="utf-8"))
        fallback = report.pop("without_browser", None)
        if report["format"] in PICTURES and not pictures:
            if fallback is None:
                raise ValueError(f"{path.name}: {report['format']} needs a browser; add `without_browser`")
            report = {**report, **fallback}
        reports[path.stem] = report
    return reports


def upsert_reports(folder: Path) -> None:
    """Make or update every report of `folder`, owned by the current user."""
    from superset import db

    for report in read_reports(folder, can_draw()).values():
        model = _upsert(_payload(report))
        # Superset keeps a height, but its own interface does not offer it.
        model.custom_height = _height(report)
    db.session.commit()


def _payload(report: dict[str, Any]) -> dict[str, Any]:
    """Superset's words for a report: the charts and the dashboard by id, the recipients as one list."""
    alert = report["type"] == "alert"
    recipients = {"target": ", ".join(report["recipients"]), "ccTarget": "", "bccTarget": ""}
    payload = {
        "type": "Alert" if alert else "Report",
        "name": report["name"],
        "description": report["description"],
        "email_subject": report["subject"],
        "active": report.get("active", True),
        "crontab": report["schedule"],
        "timezone": report.get("time_zone", "UTC"),
        "report_format": report["format"],
        "recipients": [{"type": "Email", "recipient_config_json": recipients}],
        "owners": [_current_user()],
        "creation_method": "alerts_reports",
        "log_retention": 90,
        "grace_period": int(report.get("grace_hours", 1) * 3600),
        "working_timeout": 600,
        "force_screenshot": True,
        "dashboard": None if report.get("chart") else _dashboard_id(report["dashboard"]),
        "chart": _chart_id(report["chart"]) if report.get("chart") else None,
    }
    return {**payload, **_condition(report)} if alert else payload


def _height(report: dict[str, Any]) -> int | None:
    """How high the window must be for the whole dashboard; None for a chart."""
    if report.get("chart"):
        return None
    specs = (read_dashboard(path) for path in sorted(ASSETS.glob("*.yml")))
    return next(page_height(spec) for spec in specs if spec.slug == report["dashboard"])


def _condition(report: dict[str, Any]) -> dict[str, Any]:
    fires = report["fires"]
    return {
        "database": _database_id(),
        "sql": report["sql"],
        "validator_type": "operator",
        "validator_config_json": {"op": fires["when"], "threshold": fires["than"]},
    }


def _upsert(payload: dict[str, Any]) -> Any:
    from superset import db
    from superset.commands.report.create import CreateReportScheduleCommand
    from superset.commands.report.update import UpdateReportScheduleCommand
    from superset.reports.models import ReportSchedule
    from superset.reports.schemas import ReportSchedulePostSchema, ReportSchedulePutSchema

    known = db.session.query(ReportSchedule).filter_by(name=payload["name"], type=payload["type"]).first()
    if known is None:
        given = {key: value for key, value in payload.items() if value is not None}
        return CreateReportScheduleCommand(ReportSchedulePostSchema().load(given)).run()
    return UpdateReportScheduleCommand(known.id, ReportSchedulePutSchema().load(payload)).run()


def _current_user() -> int:
    from flask import g

    return int(g.user.id)


def _chart_id(name: str) -> int:
    """`executive-summary/channels` -> the id that Superset gave that chart."""
    from superset import db
    from superset.models.slice import Slice

    return int(db.session.query(Slice).filter_by(uuid=identity("chart", name)).one().id)


def _dashboard_id(slug: str) -> int:
    from superset import db
    from superset.models.dashboard import Dashboard

    return int(db.session.query(Dashboard).filter_by(slug=slug).one().id)


def _database_id() -> int:
    from superset import db
    from superset.models.core import Database

    from touchstone_superset.dataset import DATABASE

    return int(db.session.query(Database).filter_by(database_name=DATABASE).one().id)
