"""Identity at size: who hangs together among millions of identifiers, by the models' own code, in a process of its own.

python -m tests.bench.identity 5000000 FOLDER    prints one JSON object: seconds of the processor, groups, peak MB
"""

from __future__ import annotations

import json
import os
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from tests.shared import ROOT

PROJECT = ROOT / "sqlmesh"
SIZES = (500_000, 5_000_000)
IDENTIFIERS_OF_A_PERSON = 3.4
MEMORY = "1GB"  # what DuckDB may hold; the frames of the Python model come on top

# A person is a contact with an address; most have a browser, some a lead, a converted contact, a tagged address. One in
# fifty was merged with the one before, so that chains come about.
LINKS = """
CREATE TABLE prep.identity_link AS
WITH person AS (SELECT i, hash(i) % 100 AS h, 'email:first.last' || i || '@company' || (i // 3) || '.example' AS email
  FROM range({people}) AS t(i))
SELECT 'hubspot:contact:' || i AS node_a, 'hubspot:contact:' || i AS node_b, 'own record' AS reason FROM person
UNION ALL SELECT 'hubspot:contact:' || i, email, 'same e-mail' FROM person
UNION ALL SELECT 'cookie:' || (hash(i + 7) % 1000000000) || '.' || i, email, 'signed in' FROM person WHERE h < 70
UNION ALL SELECT 'hubspot:contact:' || i, 'salesforce:lead:00Q' || i, 'synced' FROM person WHERE h < 40
UNION ALL SELECT 'salesforce:lead:00Q' || i, 'salesforce:lead:00Q' || i, 'own record' FROM person WHERE h < 40
UNION ALL SELECT 'salesforce:lead:00Q' || i, 'salesforce:contact:003' || i, 'converted' FROM person WHERE h < 15
UNION ALL SELECT 'email:tagged' || i, email, 'tag' FROM person WHERE h < 15
UNION ALL SELECT 'hubspot:contact:' || (i - 1), 'hubspot:contact:' || i, 'merged' FROM person WHERE h < 2 AND i > 0
"""
RECORDS = """
CREATE TABLE prep.person_record AS
SELECT node_a AS record_id, NULL::VARCHAR AS email FROM prep.identity_link WHERE node_a = node_b;
CREATE TABLE seeds.shared_inbox (local_part VARCHAR);
"""


def main(identifiers: int, folder: Path) -> dict[str, Any]:
    """Make the links, find what hangs together, give each identifier its person."""
    folder.mkdir(parents=True, exist_ok=True)
    query = _identity()
    components = runpy.run_path(str(PROJECT / "models" / "prep" / "identity_component.py"))["components"]
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 2; SET temp_directory = '{folder}'")
        connection.execute("CREATE SCHEMA prep; CREATE SCHEMA seeds")
        connection.execute(LINKS.format(people=int(identifiers / IDENTIFIERS_OF_A_PERSON)))
        connection.execute(RECORDS)
        started = time.process_time()
        links = connection.sql("SELECT node_a, node_b FROM prep.identity_link").df()
        found = components(links["node_a"], links["node_b"])
        hang_together = time.process_time() - started
        rows, edges = len(found), len(links)
        connection.execute("CREATE TABLE prep.identity_component AS SELECT * FROM found")
        del links, found
        connection.execute(f"CREATE TABLE prep.identity AS {query}")
        everything = time.process_time() - started
        people = _one(connection, "SELECT COUNT(DISTINCT person_id) FROM prep.identity")
        merged = _one(connection, "SELECT COUNT(*) FROM prep.identity_link WHERE reason = 'merged'")
        contacts = _one(connection, "SELECT COUNT(*) FROM prep.identity_link WHERE reason = 'same e-mail'")
    if people != contacts - merged:
        raise SystemExit(f"{people} people were found, there are {contacts - merged}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"identifiers": rows, "links": edges, "people": people, "components": hang_together}
    return told | {"identity": everything, "peak_mb": peak}


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _identity() -> str:
    """The query of prep.identity as SQLMesh renders it for DuckDB."""
    os.environ["TOUCHSTONE_WAREHOUSE_FILE"] = os.devnull
    os.environ["MAX_FORK_WORKERS"] = "1"
    from sqlmesh.core.context import Context

    model = Context(paths=[str(PROJECT)]).get_model("prep.identity", raise_if_missing=True)
    return model.render_query_or_raise().sql("duckdb")


def section() -> list[str]:
    """Measure both sizes; the lines of the section."""
    lines = [
        "## Identity: who hangs together",
        "",
        "Links between identifiers as sources tell them (same e-mail, sync, conversion, merge, sign-in, with chains),",
        "to one person an identifier: `prep.identity_component` (scipy's connected components, on one thread) and",
        "`prep.identity`. Processor seconds, and the most memory of a process that does nothing else; how many people",
        "come out is checked against how the links were made. The peak is the process's, buffers of DuckDB included.",
        "",
        "| identifiers | links | people | components, s | with `prep.identity`, s | most MB |",
        "|---|---|---|---|---|---|",
    ]
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.bench.identity", str(size), folder]
            told = json.loads(
                subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
            )
        lines.append(
            f"| {told['identifiers']:,} | {told['links']:,} | {told['people']:,} | {told['components']:.1f} |"
            f" {told['identity']:.1f} | {told['peak_mb']:,} |"
        )
    return [*lines, ""]


if __name__ == "__main__":
    print(json.dumps(main(int(float(sys.argv[1])), Path(sys.argv[2]))))
