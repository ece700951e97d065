"""Superset mails one format a report: the dashboard's tables are added to its PDF here, as CSV.

Superset calls `add_tables_to_mail` for every mail (EMAIL_HEADER_MUTATOR), in the worker.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from typing import Any

logger = logging.getLogger(__name__)
TABLES = ("table", "ag-grid-table", "pivot_table_v2")


def add_tables_to_mail(message: MIMEMultipart, **header: Any) -> MIMEMultipart:
    """The mail, with one CSV for each table of its dashboard where it carries the dashboard as PDF.

    A table that cannot be read is named in the worker's log, and the mail goes out without it.
    """
    pictures = [part for part in message.walk() if str(part.get_filename()).endswith(".pdf")]
    if not header.get("dashboard_id") or not pictures:
        return message
    report = _report(header["report_id"])
    if report.extra.get("dashboard"):
        # The report has filters of its own, which the charts' stored questions do not know.
        return message
    _name_the_month(message, pictures)
    for chart in report.dashboard.slices:
        if chart.viz_type in TABLES:
            _attach(message, chart, report)
    return message


def last_month(today: date) -> str:
    """The month before `today`'s: `date(2026, 11, 1)` -> `October 2026`."""
    return f"{today.replace(day=1) - timedelta(days=1):%B %Y}"


def _name_the_month(message: MIMEMultipart, pictures: list[Message]) -> None:
    """In subject and file name; Superset's own date in a subject is the day when its worker started."""
    month = last_month(date.today())
    subject = str(message["Subject"])
    del message["Subject"]
    message["Subject"] = f"{subject}, {month}"
    for part in pictures:
        name = f"{str(part.get_filename()).removesuffix('.pdf')}, {month}.pdf"
        # Superset declares the PDF as a stream of bytes, which mail programs do not open by themselves.
        del part["Content-Type"], part["Content-Disposition"]
        part["Content-Type"] = f'application/pdf; name="{name}"'
        part["Content-Disposition"] = f'attachment; filename="{name}"'


def _report(number: int) -> Any:
    from superset import db
    from superset.reports.models import ReportSchedule

    return db.session.get(ReportSchedule, number)


def _attach(message: MIMEMultipart, chart: Any, report: Any) -> None:
    try:
        content = _csv(chart)
    except Exception:
        # The PDF is what was promised; a mail without its table is better than no mail.
        logger.exception("the table %r could not be attached to the report %r", chart.slice_name, report.name)
        return
    name = f"{chart.slice_name}.csv"
    part = MIMEApplication(content, Name=name, _subtype="csv")
    part.replace_header("Content-Type", f'text/csv; charset="utf-8"; name="{name}"')
    part["Content-Disposition"] = f'attachment; filename="{name}"'
    message.attach(part)


def _csv(chart: Any) -> bytes:
    """The chart's rows, asked as the person in whose name the report runs: Superset made it the current user."""
    from flask import current_app, g
    from superset.extensions import machine_auth_provider_factory
    from superset.utils.csv import get_chart_csv_data

    cookies = machine_auth_provider_factory.instance.get_auth_cookies(g.user)
    base = current_app.config["WEBDRIVER_BASEURL"]
    return get_chart_csv_data(f"{base}api/v1/chart/{chart.id}/data/?format=csv&type=full", cookies) or b""
