"""Send an alert or a scheduled mail now, through the worker.

    python superset/send_report.py month_end_pack

The alert is evaluated first, as on its schedule: it stays silent where its condition does not hold.
Superset has no such button; the task goes to the worker's broker without loading Superset.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from celery import Celery
from sqlalchemy import create_engine, text

from touchstone_superset.broker import DATABASE_URI, CeleryConfig
from touchstone_superset.reports import read_reports

HERE = Path(__file__).resolve().parent


def main(name: str) -> int:
    """Exit 2 where no file of that name exists, or Superset does not have its report yet."""
    reports = read_reports(HERE / "reports", pictures=True)
    if name not in reports:
        print(f"no report {name!r}; reports: {', '.join(reports)}", file=sys.stderr)
        return 2
    found = _id(reports[name]["name"])
    if found is None:
        print(
            f"Superset does not have {name!r} yet; start it first, it reads the files then", file=sys.stderr
        )
        return 2
    client = Celery()
    client.config_from_object(CeleryConfig)
    client.send_task("reports.execute", args=(found,), eta=datetime.now(UTC))
    return 0


def _id(name: str) -> int | None:
    engine = create_engine(DATABASE_URI)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT id FROM report_schedule WHERE name = :name"), {"name": name}
        ).first()
    return int(row[0]) if row else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
