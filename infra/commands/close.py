"""`touchstone close`: keep what was reported of a month, so that later answers show what has changed since."""

from __future__ import annotations

import getpass
import re
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from infra import asking
from infra.errors import MistakeError
from infra.progress import stage
from infra.rows import Format, render

_MONTH = re.compile(r"\d{4}-\d{2}$")


class MonthOrCommand(TyperGroup):
    """`close 2026-10` is short for `close month 2026-10`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and _MONTH.match(args[0]):
            args = ["month", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=MonthOrCommand,
    no_args_is_help=True,
    help="Close a month: keep what was reported. `close 2026-10` is short for `close month 2026-10`.",
)
Month = Annotated[str, typer.Argument(help="The month, e.g. 2026-10.")]
By = Annotated[str | None, typer.Option("--by", help="Who does it; else the user of this machine.")]
Form = Annotated[Format, typer.Option("--format", help="How the rows are printed.")]


@app.command()
def month(
    month: Month,
    note: Annotated[str, typer.Option("--note", help="What is to be said of it.")] = "",
    by: By = None,
) -> None:
    """Keep every number of a month that has ended, by the grouping sets of the glossary's closing.yml."""
    from semantic.closing import Signed, chosen, close_month

    store, glossary, warehouse = asking.closings(), asking.glossary(), asking.warehouse().pin()
    number = store.next_number(month)
    total, done = len(chosen(glossary)), 0
    with stage(f"close {month}", sys.stderr) as told:

        def step(name: str) -> None:
            nonlocal done
            told.step(done, total, name)
            done += 1

        signed = Signed(_user(by), datetime.now(UTC), note)
        head, metrics = close_month(month, number, glossary, warehouse, signed, step)
        kept = store.add(head, metrics)
        rows = sum(len(item.rows) for metric in metrics for item in metric.sets)
        told.note(f"{len(metrics)} metrics, {rows} numbers")
    print(f"closed {kept.words}: {len(kept.metrics)} metrics, {rows} numbers, data of {kept.version}")
    for name, reason in kept.left_out.items():
        print(f"not kept: {name}: {reason}", file=sys.stderr)


@app.command("list")
def list_(form: Form = Format.TABLE) -> None:
    """List every closing, with those that were reopened and why."""
    columns = ("month", "number", "closed_at", "by", "metrics", "version", "note", "reopened")
    rows = [
        {
            "month": head.month,
            "number": head.number,
            "closed_at": head.closed_at,
            "by": head.by,
            "metrics": len(head.metrics),
            "version": head.version,
            "note": head.note,
            "reopened": f"{head.reopened.at[:10]} by {head.reopened.by}: {head.reopened.reason}"
            if head.reopened
            else None,
        }
        for head in asking.closings().heads()
    ]
    print(render(columns, rows, form))


@app.command()
def show(
    month: Month,
    metric: Annotated[str | None, typer.Option("--metric", help="Only this metric.")] = None,
    number: Annotated[
        int | None, typer.Option("--number", help="Which closing of the month; else the last.")
    ] = None,
    form: Form = Format.TABLE,
) -> None:
    """Show what was kept of a month: each number with its members and the definition's fingerprint."""
    from semantic.closings import not_closed

    store = asking.closings()
    heads = [head for head in store.heads() if head.month == month and number in (None, head.number)]
    if not heads:
        raise not_closed(month, store.heads())
    head = heads[-1]
    if metric is not None and metric not in head.metrics:
        raise MistakeError(
            f"nothing was kept of {metric!r} in {month}: {head.left_out.get(metric, 'no such metric')}"
        )
    rows = []
    for name in head.metrics if metric is None else (metric,):
        kept = store.metric(head, name)
        for item in kept.sets if kept else ():
            for row in item.rows:
                by = ", ".join(f"{d}={m}" for d, m in zip(item.dimensions, row, strict=False))
                rows.append(
                    {
                        "metric": name,
                        "by": by,
                        "value": row[-1],
                        "fingerprint": kept.fingerprint if kept else "",
                    }
                )
    print(render(("metric", "by", "value", "fingerprint"), rows, form))


@app.command()
def reopen(
    month: Month,
    reason: Annotated[str, typer.Option("--reason", help="Why what was reported does not hold any more.")],
    by: By = None,
) -> None:
    """Say why a month is to be closed anew. What was reported stays as history."""
    from semantic.closings import Reopening

    if not reason.strip():
        raise MistakeError("--reason is empty: say why what was reported does not hold any more")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    head = asking.closings().reopen(month, Reopening(now, _user(by), reason.strip()))
    print(f"reopened {head.words}")


def _user(by: str | None) -> str:
    return by or getpass.getuser()


def register(root: typer.Typer) -> None:
    """Add `touchstone close`."""
    root.add_typer(app, name="close")
