"""Where the worker's tasks and Superset's own data are; importable without loading Superset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from celery.schedules import crontab


def required(name: str) -> str:
    """An environment variable that has no default."""
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(
            f"the environment variable {name!r} is not set; superset/README.md says what it is"
        )
    return value


HOME = Path(required("SUPERSET_HOME")).resolve()
DATABASE_URI = os.environ.get(
    "SUPERSET_DATABASE_URI", f"sqlite:///{HOME}/superset.db?check_same_thread=false&timeout=30"
)
FOLDERS = ("broker/queue", "broker/control", "broker/results", "cache")


def make_folders() -> None:
    """The folders that broker and caches write to."""
    for folder in FOLDERS:
        (HOME / folder).mkdir(parents=True, exist_ok=True)


class CeleryConfig:
    """A broker of files unless SUPERSET_BROKER_URL names a server: enough for one machine."""

    broker_url = os.environ.get("SUPERSET_BROKER_URL", "filesystem://")
    result_backend = os.environ.get("SUPERSET_RESULT_URL", f"file://{HOME}/broker/results")
    if broker_url == "filesystem://":
        broker_transport_options: ClassVar = {
            "data_folder_in": str(HOME / "broker" / "queue"),
            "data_folder_out": str(HOME / "broker" / "queue"),
            "control_folder": str(HOME / "broker" / "control"),
            "store_processed": False,
        }
    imports = ("superset.sql_lab", "superset.tasks.scheduler", "superset.tasks.cache")
    worker_prefetch_multiplier = 1
    task_acks_late = False
    beat_schedule_filename = str(HOME / "beat-schedule")
    beat_schedule: ClassVar = {
        "reports.scheduler": {"task": "reports.scheduler", "schedule": crontab()},
        "reports.prune_log": {"task": "reports.prune_log", "schedule": crontab(minute=0, hour=0)},
    }
