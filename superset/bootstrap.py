"""Bring Superset's database up to date in one process: migrations, roles, admin, dashboards, alerts, mails.

    python superset/bootstrap.py CATALOG.json        the door's GET /v1/tables, as a file

One process, because loading Superset takes longer than most of what is done with it. Safe to run again:
everything is found by its UUID or name and brought to what the files say.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from touchstone_superset.bundle import build
from touchstone_superset.reports import upsert_reports
from touchstone_superset.spec import SpecError

HERE = Path(__file__).resolve().parent


def main(catalog_file: str) -> int:
    """Exit 2 where a dashboard file is wrong: that is seen before Superset is loaded."""
    try:
        bundle = build(HERE / "assets", json.loads(Path(catalog_file).read_text(encoding="utf-8")))
    except SpecError as error:
        print(error, file=sys.stderr)
        return 2
    os.environ["SUPERSET_MAKING"] = "1"
    with _step("load"):
        from superset.app import create_app

        app = create_app()
    with app.app_context():
        _prepare(bundle)
    return 0


def _prepare(bundle: dict[str, str]) -> None:
    with _step("migrate"):
        _migrate()
    with _step("roles"):
        _roles()
    _log_in(os.environ["SUPERSET_ADMIN_USER"], os.environ["SUPERSET_ADMIN_PASSWORD"])
    with _step("dashboards"):
        _import(bundle)
    with _step("reports"):
        upsert_reports(HERE / "reports")


@contextmanager
def _step(name: str) -> Iterator[None]:
    """A line a step: whoever waits sees what for."""
    started = time.monotonic()
    yield
    print(f"{name} {time.monotonic() - started:.1f} s", flush=True)


def _migrate() -> None:
    import superset
    from flask_migrate import upgrade

    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))


def _roles() -> None:
    from superset import appbuilder, security_manager

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()


def _log_in(name: str, password: str) -> None:
    """Make the administrator where there is none yet, and act as that user from here on."""
    from flask import g
    from superset import security_manager

    user = security_manager.find_user(name)
    if user is None:
        role = security_manager.find_role("Admin")
        user = security_manager.add_user(name, "Touchstone", "Admin", f"{name}@example.com", role, password)
    g.user = user


def _import(bundle: dict[str, str]) -> None:
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    ImportAssetsCommand(bundle).run()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
