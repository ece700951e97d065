"""What Superset's processes need to know, handed in by the composition root."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError

PROJECT = Path(__file__).resolve().parent.parent.parent
FOLDER = PROJECT / "superset"
ADMIN = "admin"


@dataclass(frozen=True)
class BISettings:
    """One Superset. `home` is its own folder; `api_url` is the doors' base URL, `service_token` its key there."""

    home: Path
    api_url: str
    service_token: str
    secret_key: str
    admin_password: str
    port: int = 8088
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    environment_folder: Path = PROJECT / ".venv-superset"
    public_url: str | None = None

    @property
    def url(self) -> str:
        """Where people open it."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def python(self) -> Path:
        """The interpreter of Superset's environment; InfraError where it was never built."""
        python = self.environment_folder / "bin" / "python"
        if not python.exists():
            raise InfraError(f"{self.environment_folder} does not exist; `make setup` builds it")
        return python

    def environment(self) -> dict[str, str]:
        """The variables of superset/README.md."""
        return {
            # The checkout's own code, not the copy that was installed with its entry points.
            "PYTHONPATH": os.pathsep.join([str(FOLDER), str(FOLDER / "driver")]),
            "SUPERSET_CONFIG_PATH": str(FOLDER / "superset_config.py"),
            "SUPERSET_HOME": str(self.home.resolve()),
            "SUPERSET_PORT": str(self.port),
            "SUPERSET_PUBLIC_URL": self.url,
            "SUPERSET_SECRET_KEY": self.secret_key,
            "SUPERSET_ADMIN_USER": ADMIN,
            "SUPERSET_ADMIN_PASSWORD": self.admin_password,
            "TOUCHSTONE_API_URL": self.api_url,
            "TOUCHSTONE_SUPERSET_TOKEN": self.service_token,
            "SMTP_HOST": self.smtp_host,
            "SMTP_PORT": str(self.smtp_port),
        }


def demo_secrets(home: Path) -> tuple[str, str]:
    """(session key, administrator's password): drawn on the first start, then read; for the demo only."""
    file = home / "secrets.json"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        drawn = {"secret_key": secrets.token_urlsafe(48), "admin_password": secrets.token_urlsafe(9)}
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(drawn, out)
    kept = json.loads(file.read_text())
    return str(kept["secret_key"]), str(kept["admin_password"])
