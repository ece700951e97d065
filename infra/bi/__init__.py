"""Superset beside the doors: its processes, its first start, and the demo's mailbox.

    with Processes(logs) as processes:
        dashboards = start(processes, settings)
        print(dashboards.url, dashboards.user, dashboards.password)

Superset lives in an environment of its own (`.venv-superset`); nothing is imported from it here.
"""

from infra.bi.settings import BISettings
from infra.bi.start import Dashboards, send_report, start, start_mailbox

__all__ = ["BISettings", "Dashboards", "send_report", "start", "start_mailbox"]
