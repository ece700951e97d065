"""`touchstone plan`, `touchstone promote`: a change of the models, built beside prod, and made prod."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.review.environments import Planned

Name = Annotated[str, typer.Argument(help="The environment; any name but prod.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(plan)
    app.command()(promote)


def plan(
    environment: Name = "dev",
    discard: Annotated[
        bool, typer.Option("--discard", help="Remove the environment and the tables that it alone has.")
    ] = False,
    forward_only: Annotated[
        bool, typer.Option("--forward-only", help="Refuse a change that would build a large model anew.")
    ] = False,
) -> None:
    """Build the models that were changed, and those that follow, beside prod. What is served stays as it is."""
    from infra.home import Home
    from infra.lock import exclusive
    from infra.progress import stage
    from infra.review import environments
    from infra.settings import settings

    home = Home(settings().home)
    with exclusive(home.lock_file):
        if discard:
            environments.discard(home.warehouse_file, environment, lambda *_: None)
            print(f"removed {environment}")
            return
        with stage(f"building {environment}", sys.stderr) as running:
            planned = environments.plan(
                home.warehouse_file, environment, running.step, forward_only=forward_only
            )
            running.note(f"{planned.built} models, all audits passed")
    print("\n".join(_told(planned)))


def promote(environment: Name = "dev") -> None:
    """Make an environment prod, from the tables that it was built into, and publish."""
    from infra import publish as publication
    from infra.home import Home
    from infra.lock import exclusive
    from infra.progress import stage
    from infra.refresh import watermark
    from infra.review import environments
    from infra.settings import settings

    home = Home(settings().home)
    with exclusive(home.lock_file):
        with stage(f"promoting {environment}", sys.stderr) as running:
            done = environments.promote(home.warehouse_file, environment, running.step)
        with stage("publishing", sys.stderr):
            mark = watermark(home.warehouse_file)
            published = publication.publish(home, mark, glossary=settings().glossary)
    gone = f", gone: {', '.join(done.removed)}" if done.removed else ""
    print(
        f"published {published.version}: {len(done.models)} models are now {environment}'s{gone}, "
        f"{done.built} were built"
    )


def _told(planned: Planned) -> list[str]:
    """What was built, and why."""
    lines = [
        f"{title}: {', '.join(names)}"
        for title, names in (
            ("changed", planned.changed),
            ("new", planned.added),
            ("gone", planned.removed),
            ("follow", planned.follows),
        )
        if names
    ]
    lines += [
        f"rows: {one.model}: {one.kept:,} are prod's, {one.rows - one.kept:,} were built"
        for one in planned.large
    ]
    name = planned.environment
    if not lines:
        return [f"{name} is the same as prod: no model is changed"]
    if not planned.same_rows:
        lines.append(
            "note: prod was not built from the raw rows as they are now: `touchstone refresh` brings it up to date"
        )
    return [*lines, f"next: touchstone diff {name}, touchstone promote {name}"]
