"""`touchstone explain`: where a row comes from."""

from __future__ import annotations

import csv
from typing import Annotated, Any

import typer

from infra import asking
from infra.errors import MistakeError
from infra.rows import Format, render
from infra.settings import PROJECT

app = typer.Typer(help="Say where a row comes from.", no_args_is_help=True)

# $1 as it was typed, $2 in small letters and without a plus tag, $3 a Salesforce id of 18 characters.
OWNER = """
SELECT person_id FROM core.person_identifier
WHERE identifier IN ($1, LOWER($1), $2, $3)
  OR (identifier_kind LIKE 'salesforce_%' AND LENGTH($1) = 18 AND LOWER(identifier) = LOWER($1))
UNION
SELECT person_id FROM core.person WHERE person_id = $1
ORDER BY 1
"""
CHECKED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHARED = PROJECT / "sqlmesh" / "seeds" / "shared_inbox.csv"
# What is known of a person, as (what, who or where, why or when), in the order in which it is told.
STORY = """
SELECT what, which, detail FROM (
  SELECT 1 AS part, 'person' AS what, person_id AS which,
    CONCAT_WS(', ', email, 'created ' || created_at, 'channel ' || channel, CASE WHEN is_deleted THEN 'deleted' END)
      AS detail
  FROM core.person WHERE person_id = $1
  UNION ALL
  SELECT 2, 'account', a.account_id, a.name
  FROM core.person AS p JOIN core.account AS a ON a.account_id = p.account_id WHERE p.person_id = $1
  UNION ALL
  SELECT 3, 'identifier', identifier_kind || ' ' || identifier, reason FROM core.person_identifier WHERE person_id = $1
  UNION ALL
  SELECT 4, 'tie', node_a || ' = ' || node_b, reason FROM core.person_link WHERE person_id = $1
  UNION ALL
  SELECT 5, 'stage', stage, occurred_at || CASE WHEN is_first THEN '' ELSE ' (again)' END || ', says ' || source_system
  FROM core.lifecycle_event WHERE person_id = $1
  UNION ALL
  SELECT 6, 'touch', kind || ' ' || touch_id, CONCAT_WS(', ', occurred_at::VARCHAR, 'channel ' || channel,
    'campaign ' || campaign_id,
    CASE WHEN LOWER(source_raw) <> LOWER(source) THEN 'source recorded as ' || source_raw END,
    CASE WHEN LOWER(medium_raw) <> LOWER(medium) THEN 'medium recorded as ' || medium_raw END,
    CASE WHEN REPLACE(REPLACE(LOWER(TRIM(campaign_raw)), ' ', '-'), '_', '-') <> campaign_id
      THEN 'campaign recorded as ' || campaign_raw END)
  FROM core.touch WHERE person_id = $1
) ORDER BY part, detail, which
"""


@app.command()
def person(
    email: Annotated[str, typer.Argument(help="An e-mail address, an id at a source, or a person's id.")],
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """Who EMAIL is: each identifier and what ties them together, each stage and who says so, each touch."""
    warehouse = asking.warehouse()
    asked = email.strip()
    people = warehouse.run(OWNER, (asked, _plain(asked), _eighteen(asked))).column(0).to_pylist()
    if not people:
        raise MistakeError(f"nobody is known by {email!r}: {_why(asked)}")
    rows: list[dict[str, Any]] = []
    for person_id in people:
        rows += warehouse.run(STORY, (person_id,)).to_pylist()
    print(render(("what", "which", "detail"), rows, form))


def _plain(address: str) -> str:
    """An address as the warehouse compares it.

    >>> _plain("Ann.Lee+News@Acme.com")
    'ann.lee@acme.com'
    """
    local, at, domain = address.lower().partition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _eighteen(identifier: str) -> str:
    """The 18-character form of a Salesforce id of 15; anything else as it is.

    >>> _eighteen("0035e0000002Yp7"), _eighteen("51000022")
    ('0035e0000002Yp7AAE', '51000022')
    """
    if len(identifier) != 15 or not (identifier.isascii() and identifier.isalnum()):
        return identifier
    parts = (identifier[start : start + 5] for start in (0, 5, 10))
    places = (sum(one.isupper() << place for place, one in enumerate(part)) for part in parts)
    return identifier + "".join(CHECKED[place] for place in places)


def _why(asked: str) -> str:
    """Why nobody is found."""
    with SHARED.open(encoding="utf-8") as lines:
        shared = {row["local_part"] for row in csv.DictReader(lines)}
    local, at, _ = _plain(asked).partition("@")
    if at and local in shared:
        return (
            f"{local}@ is an inbox that several people read (seeds/shared_inbox.csv), it ties nobody. "
            "Ask for a person by their own address or id"
        )
    return "it is no e-mail or id of a published person"


def register(root: typer.Typer) -> None:
    """Add `touchstone explain`."""
    root.add_typer(app, name="explain")
