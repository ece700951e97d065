"""What the demo has and a deployment gets from its owner: a company, simulated, and keys, drawn here."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from infra.errors import MistakeError
from infra.sandbox.secret_names import SECRET_NAMES

# The sandbox takes any secret; ingestion only wants that one is there.
SANDBOX_SECRETS = SECRET_NAMES
WRITTEN_BY_SANDBOX = "# Written by the sandbox"


@dataclass(frozen=True)
class DemoKeys:
    """`people` opens the doors for whoever tries the demo; `superset` may speak for its users."""

    people: str
    superset: str


def demo_keys(home: Path) -> DemoKeys:
    """The demo's keys: drawn on the first start, read from `demo.json` after that."""
    file = home / "demo.json"
    if not file.exists():
        _draw(home, file)
    kept = json.loads(file.read_text())
    return DemoKeys(kept["people"], kept["superset"])


def sandbox_secrets(sources_file: Path) -> dict[str, str]:
    """Made-up secrets for a sources file that the sandbox wrote; none for a real one."""
    if not sources_file.is_file() or not sources_file.read_text().startswith(WRITTEN_BY_SANDBOX):
        return {}
    return {name: os.environ.get(name, "sandbox") for name in SANDBOX_SECRETS}


def same_company(home: Path, leads: int, seed: int) -> None:
    """Hold a home to one simulated company: loaded over another one, the numbers would be of neither."""
    file = home / "sandbox" / "company.json"
    asked = {"leads": leads, "seed": seed}
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asked))
    kept = json.loads(file.read_text())
    if kept != asked:
        told = f"{home} holds the company of {kept['leads']:,} leads and seed {kept['seed']}"
        raise MistakeError(f"{told}, not the one asked for: set TOUCHSTONE_HOME to another folder")


def _draw(home: Path, file: Path) -> None:
    from api.auth import digest, new_secret
    from infra import credentials

    drawn = {"people": new_secret(), "superset": new_secret()}
    keys = credentials.keys_file(home)
    people = {"name": "demo", "sha256": digest(drawn["people"]), "see_all": True}
    superset = {"name": "superset", "sha256": digest(drawn["superset"]), "see_all": True, "act_for": ["*"]}
    _replace(keys, "keys", people)
    _replace(keys, "keys", superset)
    _replace(keys, "users", {"name": "admin", "see_all": True})
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(drawn, out)


def _replace(file: Path, kind: str, row: dict[str, object]) -> None:
    """Add an entry, in the place of one of the same name whose key nobody has any more."""
    from infra import credentials

    if any(known["name"] == row["name"] for known in credentials.read(file)[kind]):
        credentials.remove(file, kind, str(row["name"]))
    credentials.add(file, kind, row)
