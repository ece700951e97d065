"""Where Chromium and its driver are, and how they are started."""

from __future__ import annotations

import os
import shutil
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chrome_driver() -> str | None:
    """The path of chromedriver: `SUPERSET_CHROMEDRIVER`, or what is installed; None where there is none."""
    return os.environ.get("SUPERSET_CHROMEDRIVER") or shutil.which("chromedriver")


def can_draw() -> bool:
    """Whether pictures can be drawn: both the browser and its driver are here."""
    return chrome_driver() is not None and any(shutil.which(name) for name in BROWSERS)


def chrome_service() -> dict[str, Any]:
    """Selenium's service. Without the path it would try to download a driver."""
    path = chrome_driver() or "chromedriver"
    return {"executable_path": path, "log_output": os.devnull, "service_args": [], "port": 0, "env": {}}


def chrome_arguments() -> list[str]:
    """Chromium's flags: headless, no disk in /dev/shm, and no sandbox only where it cannot work (as root)."""
    flags = [
        "--headless=new",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--hide-scrollbars",
        "--force-prefers-reduced-motion",
    ]
    return [*flags, "--no-sandbox"] if os.geteuid() == 0 else flags
