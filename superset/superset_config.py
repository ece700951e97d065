"""Superset's configuration, all of it from the environment; superset/README.md lists the variables.

Superset imports this file because `SUPERSET_CONFIG_PATH` names it. What a company is likely to change is a
variable; what must hold for the numbers to be right (impersonation, caching by user) is not.
"""

from __future__ import annotations

import os
from typing import Any

from celery.signals import worker_ready
from flask_caching.backends.filesystemcache import FileSystemCache
from sqlglot import Dialects
from superset.tasks.types import ExecutorType
from superset.utils.log import StdOutEventLogger

from touchstone_superset import sqlite  # noqa: F401 - listens to connections
from touchstone_superset.attachments import add_tables_to_mail
from touchstone_superset.broker import DATABASE_URI, HOME, CeleryConfig, make_folders, required
from touchstone_superset.browser import chrome_arguments, chrome_service
from touchstone_superset.workrounds import work_round_all


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, str(default)).lower() in ("1", "true", "yes", "on")


PORT = int(os.environ.get("SUPERSET_PORT", "8088"))
PUBLIC_URL = os.environ.get("SUPERSET_PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/") + "/"
make_folders()

SECRET_KEY = required("SUPERSET_SECRET_KEY")
SQLALCHEMY_DATABASE_URI = DATABASE_URI

# --- What the numbers depend on ---

FEATURE_FLAGS = {
    "ALERT_REPORTS": True,
    "ALERT_REPORTS_FILTER": True,
    "DRILL_BY": True,
    # The door answers distinct members, never rows: there is no detail to drill to.
    "DRILL_TO_DETAIL": False,
    # Without this one user is served the rows that another user's rights cached.
    "CACHE_IMPERSONATION": True,
}
SQLGLOT_DIALECTS_EXTENSIONS = {"touchstone": Dialects.POSTGRES}
# Alerts and mails ask as the person who owns them, so that nobody is mailed what he may not see.
ALERT_REPORTS_EXECUTORS = [ExecutorType.OWNER]
PREVENT_UNSAFE_DB_CONNECTIONS = True

# --- Web ---

APP_NAME = "Touchstone"
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        # Handlebars compiles its templates (KPI tiles, funnel) with `new Function`; see docs/decisions/0502.
        "script-src": ["'self'", "'strict-dynamic'", "'unsafe-eval'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": PUBLIC_URL.startswith("https://"),
    "session_cookie_secure": PUBLIC_URL.startswith("https://"),
}
SESSION_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
# What the tiles and the funnel are drawn with. Whoever edits a dashboard could already give it style sheets.
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {
    "attributes": {"div": ["className", "style"], "span": ["className"]},
    "tagNames": ["style"],
}
RATELIMIT_STORAGE_URI = "memory://"
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000

# --- Caches and results: files, no server ---


def _files(name: str, seconds: int) -> dict[str, Any]:
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(HOME / "cache" / name),
        "CACHE_DEFAULT_TIMEOUT": seconds,
        "CACHE_THRESHOLD": 5000,
    }


CACHE_CONFIG = _files("meta", 3600)
DATA_CACHE_CONFIG = _files("data", int(os.environ.get("SUPERSET_CACHE_SECONDS", "300")))
FILTER_STATE_CACHE_CONFIG = _files("filter", 30 * 86400)
EXPLORE_FORM_DATA_CACHE_CONFIG = _files("explore", 7 * 86400)
THUMBNAIL_CACHE_CONFIG = _files("thumbnail", 86400)
RESULTS_BACKEND = FileSystemCache(str(HOME / "cache" / "results"), threshold=500)

# --- Worker ---


CELERY_CONFIG = CeleryConfig
# 6.1 ends a task's session outside of the application's context, which is an error in the log for each task;
# this name switches nothing but that. The context ends the session as well.
CELERY_ALWAYS_EAGER = True


@worker_ready.connect
def _tell(**_: Any) -> None:
    """Whoever started the worker waits for this file."""
    (HOME / "worker-ready").touch()


# 6.1 writes every request into the `logs` table: on SQLite, web and worker then lock each other out.
EVENT_LOGGER = StdOutEventLogger()

# --- Mail ---

SMTP_HOST = os.environ.get("SMTP_HOST", "127.0.0.1")
SMTP_PORT = int(os.environ.get("SMTP_PORT", "25"))
SMTP_USER = os.environ.get("SMTP_USER", "")
SMTP_PASSWORD = os.environ.get("SMTP_PASSWORD", "")
SMTP_SSL = _flag("SMTP_SSL", False)
SMTP_STARTTLS = _flag("SMTP_STARTTLS", not SMTP_SSL and SMTP_HOST not in ("127.0.0.1", "localhost", "::1"))
SMTP_SSL_SERVER_AUTH = True
SMTP_MAIL_FROM = os.environ.get("SMTP_MAIL_FROM", "touchstone@example.com")
ALERT_REPORTS_NOTIFICATION_DRY_RUN = False
EMAIL_REPORTS_SUBJECT_PREFIX = os.environ.get("SUPERSET_MAIL_PREFIX", "[Touchstone]")
EMAIL_REPORTS_CTA = "Open in Superset"
EMAIL_HEADER_MUTATOR = add_tables_to_mail

# --- Pictures: Chromium through selenium ---

WEBDRIVER_TYPE = "chrome"
WEBDRIVER_BASEURL = f"http://127.0.0.1:{PORT}/"
WEBDRIVER_BASEURL_USER_FRIENDLY = PUBLIC_URL
WEBDRIVER_WINDOW = {"dashboard": (1600, 900), "slice": (1600, 900), "pixel_density": 1}
WEBDRIVER_OPTION_ARGS = chrome_arguments()
WEBDRIVER_CONFIGURATION = {"service": chrome_service()}
SCREENSHOT_LOCATE_WAIT = 60
SCREENSHOT_LOAD_WAIT = 120

FLASK_APP_MUTATOR = work_round_all
