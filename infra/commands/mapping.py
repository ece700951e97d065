"""`touchstone mapping`: values that are written in more than one way. The audit proposes, people decide."""

from __future__ import annotations

import csv
import getpass
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.errors import MistakeError
from infra.rows import Format, render

if TYPE_CHECKING:
    from infra.audit.proposals import Proposal
    from infra.mapping.decisions import Decision, Decisions

app = typer.Typer(
    no_args_is_help=True,
    help="Values that are written in more than one way: what the audit proposes, what people decided. Approved rows "
    "take effect at the next refresh.",
)
PROPOSED = ("kind", "from_value", "to_value", "rule", "similarity", "rows", "rows_to", "evidence")
DECIDED = ("kind", "from_value", "to_value", "status", "decided_by", "decided_on", "reason", "evidence")


class Kind(StrEnum):
    """What a value is of."""

    SOURCE = "source"
    MEDIUM = "medium"
    CAMPAIGN = "campaign"
    CONTENT = "content"
    PRODUCT = "product"


Of = Annotated[Kind, typer.Argument(help="source, medium, campaign, content or product.")]
From = Annotated[str, typer.Argument(help="The value as it is recorded.")]
To = Annotated[str | None, typer.Argument(help="What it means; else what the audit proposes.")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; else the user of this machine.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: kept with the decision.")]
Form = Annotated[Format, typer.Option("--format", help="How the rows are printed.")]


@app.command("list")
def list_(
    status: Annotated[str | None, typer.Option(help="Only approved, or only rejected.")] = None,
    form: Form = Format.TABLE,
) -> None:
    """List what was decided: by whom, when and why."""
    rows = [asdict(row) for row in _decisions().rows if status in (None, row.status)]
    print(render(DECIDED, rows, form))


@app.command()
def propose(
    kind: Annotated[Kind | None, typer.Option(help="Only values of this kind.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write them to this CSV, with a column for the decision, for `decide`."),
    ] = None,
    form: Form = Format.TABLE,
) -> None:
    """Propose mappings from what was loaded last; what was decided before is not proposed again."""
    found = [one for one in _proposals(_decisions()) if kind in (None, one.kind)]
    if out:
        _write_proposals(found, out)
        print(
            f"{out}: {len(found)} proposals; fill the column status, then `touchstone mapping decide {out}`"
        )
        return
    print(render(PROPOSED, [asdict(one) for one in found], form))


@app.command()
def approve(kind: Of, from_value: From, to_value: To = None, by: By = None, reason: Reason = "") -> None:
    """Read FROM as TO from the next refresh on; the value as it was recorded stays beside it."""
    _decide(kind, from_value, to_value, "approved", by, reason)


@app.command()
def reject(kind: Of, from_value: From, to_value: To = None, by: By = None, reason: Reason = "") -> None:
    """Keep FROM as it is: withdraw what was approved, or never propose it again."""
    approved = _decisions().approved().get((kind.value, _key(kind, from_value)))
    if approved and to_value is None:
        _decide(kind, from_value, approved.to_value, "rejected", by, reason, approved.evidence)
    else:
        _decide(kind, from_value, to_value, "rejected", by, reason)


@app.command()
def decide(
    file: Annotated[Path, typer.Argument(help="A CSV of `propose --out` whose column status was filled.")],
    by: By = None,
) -> None:
    """Take every row of FILE whose status says approved or rejected; all of them or none."""
    decisions = _decisions()
    taken: list[Decision] = []
    for line, row in _reviewed(file):
        if not row.get("status", "").strip():
            continue
        try:
            taken.append(_decision(row, by))
            decisions = decisions.with_row(taken[-1])
        except MistakeError as error:
            raise MistakeError(f"{file}:{line}: {error}") from error
    decisions.added(taken)
    print(f"{decisions.file}: {len(taken)} decisions added; they take effect at the next refresh")


def _decide(
    kind: Kind,
    from_value: str,
    to_value: str | None,
    status: str,
    by: str | None,
    reason: str,
    evidence: str = "",
) -> None:
    decisions = _decisions()
    if to_value is None:
        proposal = _proposal(decisions, kind, from_value)
        to_value, evidence = proposal.to_value, _evidence(asdict(proposal))
    told = {"kind": kind.value, "from_value": from_value, "to_value": to_value, "status": status}
    row = _decision({**told, "reason": reason}, by, evidence)
    decisions.added((row,))
    print(
        f"{status}: {kind.value} {from_value!r} as {to_value!r} ({decisions.file}); refresh to see it in the numbers"
    )


def _decision(row: dict[str, str], by: str | None, evidence: str | None = None) -> Decision:
    from infra.mapping.decisions import Decision

    return Decision(
        row["kind"].strip(),
        row["from_value"].strip(),
        row["to_value"].strip(),
        row["status"].strip().lower(),
        by or getpass.getuser(),
        datetime.now(UTC).date().isoformat(),
        row.get("reason", "").strip(),
        _evidence(row) if evidence is None else evidence,
    )


def _evidence(row: Mapping[str, object]) -> str:
    return f"{row['rule']}, {row['similarity']} of 100, {row['rows']} rows: {row['evidence']}"


def _proposal(decisions: Decisions, kind: Kind, from_value: str) -> Proposal:
    from infra.mapping.decisions import value_key

    for one in _proposals(decisions):
        if one.kind == kind and value_key(one.kind, one.from_value) == _key(kind, from_value):
            return one
    raise MistakeError(
        f"nothing is proposed for {kind.value} {from_value!r}: say what it means, or see `touchstone mapping propose`"
    )


def _proposals(decisions: Decisions) -> tuple[Proposal, ...]:
    from infra.audit.ground import opened
    from infra.audit.tidy import lay_out
    from infra.audit.utm import undecided
    from infra.home import Home
    from infra.settings import PROJECT, settings

    here, project = settings(), PROJECT / "sqlmesh"
    with opened(
        Home(here.home).warehouse_file,
        only=(),
        seeds=project / "seeds",
        glossary=here.glossary,
        models=project / "models",
        currency=here.reporting_currency,
    ) as ground:
        lay_out(ground)
        return undecided(ground, decisions)


def _decisions() -> Decisions:
    from infra.mapping.decisions import read_decisions
    from infra.settings import settings

    return read_decisions(settings().value_mapping)


def _key(kind: Kind, value: str) -> str:
    from infra.mapping.decisions import value_key

    return value_key(kind.value, value)


def _write_proposals(found: list[Proposal], out: Path) -> None:
    with out.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, (*PROPOSED, "status", "reason"), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**asdict(one), "status": "", "reason": ""} for one in found)


def _reviewed(file: Path) -> list[tuple[int, dict[str, str]]]:
    needed = (*PROPOSED, "status")
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise MistakeError(
                    f"{file}:1: no column {missing[0]!r}; `touchstone mapping propose --out` writes them"
                )
            return [(reader.line_num, {key: value or "" for key, value in row.items()}) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise MistakeError(f"{file} cannot be read: {error}") from error


def register(root: typer.Typer) -> None:
    """Add `touchstone mapping`."""
    root.add_typer(app, name="mapping")
