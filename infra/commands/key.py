"""`touchstone key`: API keys and feed tokens. Only their hashes are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.rows import Format, render
from infra.settings import settings

app = typer.Typer(no_args_is_help=True, help="API keys and feed tokens; only their hashes are kept.")

Name = Annotated[str, typer.Argument(help="Who or what it is for, e.g. finance.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="A role of the glossary's access rules.")]
Everything = Annotated[bool, typer.Option("--see-all", help="Pass over every row filter and mask.")]


@app.command()
def create(
    name: Name,
    roles: Roles = None,
    act_for: Annotated[
        list[str] | None,
        typer.Option("--act-for", help="Users it may speak for, by pattern; '*' is anyone."),
    ] = None,
    see_all: Everything = False,
) -> None:
    """Make an API key and print it, this once."""
    from api.auth import digest, new_secret
    from infra import credentials

    secret = new_secret()
    row = {"name": name, "roles": roles or [], "act_for": act_for or [], "see_all": see_all}
    credentials.add(_file(), "keys", row | {"sha256": digest(secret)})
    print(secret)


@app.command()
def feed(
    name: Name,
    roles: Roles = None,
    saved: Annotated[list[str] | None, typer.Option(help="Saved queries it opens, by pattern.")] = None,
    metrics: Annotated[list[str] | None, typer.Option(help="Metrics it opens, by pattern.")] = None,
    see_all: Everything = False,
) -> None:
    """Make a feed token, for spreadsheets that can send no header, and print it, this once."""
    from api.auth import FEED_PREFIX, digest, new_secret
    from infra import credentials

    secret = new_secret(FEED_PREFIX)
    row = {
        "name": name,
        "roles": roles or [],
        "see_all": see_all,
        "saved": saved or ["*"],
        "metrics": metrics or ["*"],
    }
    credentials.add(_file(), "feeds", row | {"sha256": digest(secret)})
    print(secret)


@app.command("list")
def list_(
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """List the keys and feed tokens by name, never by secret."""
    from infra import credentials

    document = credentials.read(_file())
    rows = [
        {"kind": kind.removesuffix("s"), "name": row["name"], "roles": ", ".join(row.get("roles", ()))}
        for kind in ("keys", "feeds")
        for row in document[kind]
    ]
    print(render(("kind", "name", "roles"), rows, form))


@app.command()
def remove(
    name: Name, is_feed: Annotated[bool, typer.Option("--feed", help="It is a feed token.")] = False
) -> None:
    """Remove a key or, with --feed, a feed token: it stops working at once."""
    from infra import credentials

    credentials.remove(_file(), "feeds" if is_feed else "keys", name)
    print(f"removed {name!r}")


def _file() -> Path:
    from infra import credentials

    return credentials.keys_file(settings().home)
