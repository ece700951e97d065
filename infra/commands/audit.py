"""`touchstone audit`: what is connected, how good it is, and which numbers it can carry."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from infra.rows import Format, render

COLUMNS = ("severity", "finding", "count", "to_do")


class FailOn(StrEnum):
    """What `--fail-on` takes."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(audit)


def audit(
    out: Annotated[
        Path | None, typer.Option(help="The folder of the report; else `audit` in TOUCHSTONE_HOME.")
    ] = None,
    sources: Annotated[
        Path | None,
        typer.Option(help="Load this sources file first, into a warehouse of its own, and audit that."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this source; may be given more than once.")
    ] = None,
    expect: Annotated[
        Path | None,
        typer.Option(help="Which fields are mandatory, unique, valid; else infra/audit/expectations.yml."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="The folder with channel_rule.csv; else sqlmesh/seeds.")
    ] = None,
    show_personal: Annotated[
        bool,
        typer.Option("--show-personal", help="Show e-mail addresses in full instead of cut to a letter."),
    ] = False,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Exit 1 where a finding is at least this grave.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How the findings are printed.")] = Format.TABLE,
) -> None:
    """Audit the raw tables: inventory, quality, forty known cases, UTM, names, duplicates, lag, gaps.

    Reads what the last load left, needs no build, and writes report.html, report.md and tables. Findings are no
    failures: the exit code is 0 unless --fail-on says otherwise.
    """
    from infra.audit.files import write
    from infra.audit.nouns import SEVERITIES
    from infra.audit.run import audit as run
    from infra.home import Home
    from infra.mapping.decisions import read_decisions
    from infra.settings import PROJECT, settings

    here = settings()
    with _warehouse(sources, Home(here.home).warehouse_file, only or []) as warehouse:
        report, rules = run(
            warehouse,
            seeds=mapping or PROJECT / "sqlmesh" / "seeds",
            glossary=here.glossary,
            models=PROJECT / "sqlmesh" / "models",
            currency=here.reporting_currency,
            only=only or (),
            expectations=expect,
            show_personal=show_personal,
            decisions=read_decisions(here.value_mapping),
        )
    page = write(report, rules, out or here.home / "audit")[0]
    rows = [
        {"severity": one.severity, "finding": one.title, "count": one.count, "to_do": one.to_do}
        for one in report.findings()
        if form is not Format.TABLE or one.severity != "info"
    ]
    print(render(COLUMNS, rows, form))
    if form is Format.TABLE:
        _summarize(report, page)
    if fail_on and any(report.count(name) for name in SEVERITIES[: SEVERITIES.index(fail_on.value) + 1]):
        raise typer.Exit(1)


def _summarize(report: object, page: Path) -> None:
    from infra.audit.nouns import Audit
    from infra.audit.pages import headline, overall, score_text

    assert isinstance(report, Audit)
    score = overall(report)
    told = ", ".join(f"{report.count(name)} {name}" for name in ("high", "medium", "low", "info"))
    print(f"\n{headline(report)}")
    print(f"Quality {'unknown' if score is None else f'{score_text(score)} of 100'}; findings: {told}.")
    print(f"The report: {page}")


@contextmanager
def _warehouse(sources: Path | None, own: Path, only: list[str]) -> Iterator[Path]:
    """The warehouse to audit: the home's own, or one that is loaded from a sources file for this once."""
    if sources is None:
        yield own
        return
    import ingest
    from infra.commands.ingest import _sources_file, _told

    with tempfile.TemporaryDirectory(prefix="touchstone-audit-") as folder:
        file = Path(folder) / "warehouse.duckdb"
        print(f"loading {sources} ...", file=sys.stderr)
        with _told():
            ingest.run(_sources_file(sources), file, Path(folder) / "state", only=only or None)
        yield file
