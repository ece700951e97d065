"""`touchstone explain`: where a row comes from."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from infra import asking
from infra.errors import MistakeError
from infra.rows import Format, render

app = typer.Typer(help="Say where a row comes from.", no_args_is_help=True)

OWNER = """
SELECT person_id FROM core.person_identifier WHERE identifier = LOWER(TRIM($1)) OR identifier = TRIM($1) ORDER BY 1
"""
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
    email: Annotated[str, typer.Argument(help="An e-mail address, or an id at a source.")],
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """Who EMAIL is: each identifier and what ties them together, each stage and who says so, each touch."""
    warehouse = asking.warehouse()
    people = warehouse.run(OWNER, (email,)).column(0).to_pylist()
    if not people:
        raise MistakeError(f"nobody is known by {email!r}: it is no e-mail or id of a published person")
    rows: list[dict[str, Any]] = []
    for person_id in dict.fromkeys(people):
        rows += warehouse.run(STORY, (person_id,)).to_pylist()
    print(render(("what", "which", "detail"), rows, form))


def register(root: typer.Typer) -> None:
    """Add `touchstone explain`."""
    root.add_typer(app, name="explain")
