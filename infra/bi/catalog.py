"""The SQL door's catalogue as a file, for the generator of dashboards, and the hash of all that it is made of."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import httpx

from infra.bi.settings import FOLDER, BISettings
from infra.errors import InfraError

SOURCES = ("*.py", "*.yml")
SKIPPED = ("build", "__pycache__")


def fetch_catalog(settings: BISettings) -> Path:
    """Write `GET /v1/tables` to `catalog.json` in Superset's home; InfraError where the doors do not answer."""
    headers = {"Authorization": f"Bearer {settings.service_token}"}
    try:
        answer = httpx.get(f"{settings.api_url}/v1/tables", headers=headers, timeout=30)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise InfraError(f"the catalogue of {settings.api_url} cannot be read: {error}") from error
    file = settings.home / "catalog.json"
    settings.home.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answer.json(), indent=1, sort_keys=True))
    return file


def state_hash(catalog: Path, settings: BISettings) -> str:
    """What Superset's database was made from: our files, the catalogue, its version, and whether it can draw."""
    digest = hashlib.sha256()
    for file in sorted(file for pattern in SOURCES for file in FOLDER.rglob(pattern)):
        if not set(SKIPPED) & set(file.parts):
            digest.update(str(file.relative_to(FOLDER)).encode() + file.read_bytes())
    digest.update(catalog.read_bytes())
    installed = settings.environment_folder / "lib"
    digest.update(
        ",".join(sorted(p.name for p in installed.glob("*/site-packages/apache_superset-*"))).encode()
    )
    digest.update(str(shutil.which("chromedriver")).encode())
    return digest.hexdigest()
