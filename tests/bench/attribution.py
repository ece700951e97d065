"""Attribution at size: the models' own SQL over a company of so many touches, each size in a process of its own.

python -m tests.bench.attribution                    writes its section of docs/benchmarks.md
python -m tests.bench.attribution 5000000 FOLDER     one size: a JSON object of seconds, rows, peak memory in MB
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from tests.bench import soak

PROJECT = Path(__file__).resolve().parents[2] / "sqlmesh"
MEMORY = "1GB"  # what DuckDB may hold; the process has a little beside it
INCREMENT = 20_000
SIZES = (500_000, 5_000_000)
TITLE = "## Attribution of 0.5 and 5 million touches"
RULES = ("credited_event", "journey_touch")

# One person in five becomes MQL, one in 25 leads a deal, three people are on each, a third are won.
COMPANY = """
CREATE TABLE core.person AS
SELECT 'p' || i AS person_id, TIMESTAMP '2024-01-01' + to_seconds((hash(i) % 31536000)::BIGINT) AS created_at,
  CASE WHEN hash(i * 17) % 5 = 0 THEN TIMESTAMP '2025-01-01' + to_seconds((hash(i * 13) % 18000000)::BIGINT) END
    AS first_mql_at,
  'EMEA' AS region, 'SMB' AS segment, 'software' AS industry, 'jo' AS owner, FALSE AS is_deleted
FROM range({people}) AS t(i);
CREATE TABLE core.touch AS SELECT * FROM touches(0, {touches}, {people});
CREATE TABLE core.opportunity AS
SELECT 'd' || i AS opportunity_id, 'p' || (hash(i * 31) % {people}) AS person_id,
  (1000 + hash(i) % 100000)::DECIMAL(18, 2) AS amount,
  TIMESTAMP '2025-02-01' + to_seconds((hash(i * 23) % 12000000)::BIGINT) AS created_at,
  hash(i * 29) % 3 = 0 AS is_won, TRUE AS is_closed,
  TIMESTAMP '2025-07-01' + to_seconds((hash(i * 37) % 12000000)::BIGINT) AS closed_at,
  'EMEA' AS region, 'SMB' AS segment, 'software' AS industry, 'core' AS product, 'jo' AS owner, FALSE AS is_deleted
FROM range({people} // 25) AS t(i);
CREATE TABLE core.opportunity_contact AS
SELECT DISTINCT 'd' || (i // 3) AS opportunity_id, 'p' || (hash(i * 41) % {people}) AS person_id
FROM range({people} // 25 * 3) AS t(i);
CREATE TABLE seeds.channel AS SELECT 'channel ' || i AS channel, i = 0 AS is_direct FROM range(12) AS t(i);
"""

TOUCHES = """
CREATE MACRO touches(first, number, people) AS TABLE
SELECT 't' || i AS touch_id, 'p' || (hash(i * 7) % people) AS person_id,
  TIMESTAMP '2024-01-01' + to_seconds((hash(i) % 47304000)::BIGINT) AS occurred_at,
  'channel ' || (hash(i * 3) % 12) AS channel, 's' || (hash(i * 3) % 20) AS source, 'cpc' AS medium,
  'c' || (hash(i * 5) % 40) AS campaign_id, 'k' || (hash(i * 19) % 200) AS content_id
FROM range(first, first + number) AS t(i)
"""

# What a good analyst writes for MQL credit alone, a column a model: no events of three kinds, no cents, no keys.
BARE = """
CREATE TABLE bare AS
WITH step AS (
  SELECT p.person_id, p.first_mql_at, t.occurred_at, t.touch_id, t.channel, t.campaign_id,
    power(2, -date_diff('second', t.occurred_at, p.first_mql_at) / 86400.0 / 7) AS decay
  FROM core.touch AS t JOIN core.person AS p ON p.person_id = t.person_id AND t.occurred_at <= p.first_mql_at
),
placed AS (
  SELECT *, row_number() OVER journey AS place, count(*) OVER (PARTITION BY person_id) AS touches,
    sum(decay) OVER (PARTITION BY person_id) AS faded
  FROM step WINDOW journey AS (PARTITION BY person_id ORDER BY occurred_at, touch_id)
)
SELECT person_id, touch_id, channel, campaign_id, (place = 1)::DOUBLE AS first, (place = touches)::DOUBLE AS last,
  1.0 / touches AS linear, decay / faded AS time_decay,
  CASE WHEN touches = 1 THEN 1 WHEN touches = 2 THEN .5 WHEN place IN (1, touches) THEN .4 ELSE .2 / (touches - 2) END
    AS u_shaped
FROM placed
"""


def section() -> list[str]:
    """Run every size; the lines of the section."""
    runs = []
    for touches in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.bench.attribution", str(touches), folder]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        runs.append(json.loads(answer.stdout))
    return [*_section(runs, os.getloadavg()[0]), ""]


def _section(runs: list[dict[str, Any]], load: float) -> Iterator[str]:
    yield TITLE
    yield ""
    yield "Nine rule-based models for MQLs, pipeline and revenue, with money to the cent, as SQLMesh renders them"
    yield f"for DuckDB, over a person for every five touches; two threads, {MEMORY} for DuckDB. The bare query is one"
    yield "window query that gives five models for MQLs alone, without money. The increment is 20,000 touches more."
    yield f"Load average at the end: {load:.1f} on {os.cpu_count()} cores; processor seconds do not mind other work."
    yield ""
    yield "| touches | rows | bare query | all models | a day more | of the bare query | most MB |"
    yield "|---|---|---|---|---|---|---|"
    for run in runs:
        seconds = " | ".join(
            f"{run[s]['wall']:.1f} s ({run[s]['cpu']:.1f} cpu)" for s in ("bare", "full", "increment")
        )
        ratio = run["full"]["cpu"] / run["bare"]["cpu"]
        yield f"| {run['touches']:,} | {run['rows']:,} | {seconds} | {ratio:.1f} x | {run['peak_mb']:,} |"
    small, large = runs[0], runs[-1]
    grown = large["full"]["cpu"] / small["full"]["cpu"]
    size = [run["touches"] * math.log(run["touches"]) for run in (small, large)]
    yield ""
    yield f"From the first size to the last the cost grows {grown:.1f} times, n log n {size[1] / size[0]:.1f} times."


def main(touches: int, folder: Path) -> dict[str, Any]:
    """Build the company, the bare query, all rule-based models, and one day's increment."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "warehouse.duckdb"
    file.unlink(missing_ok=True)
    people = touches // 5
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"SET memory_limit = '{MEMORY}'; SET threads = 2; SET preserve_insertion_order = false"
        )
        connection.execute(f"SET temp_directory = '{folder}'")
        for schema in ("core", "seeds", "attribution"):
            connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(TOUCHES)
        connection.execute(COMPANY.format(touches=touches, people=people))
        took = {"bare": _timed(connection, [BARE])}
        full, increment = list(_statements("creating")), list(_statements("evaluating"))
        took["full"] = _timed(connection, full)
        rows = connection.execute("SELECT count(*) FROM attribution.journey_touch").fetchone()
        connection.execute(f"INSERT INTO core.touch SELECT * FROM touches({touches}, {INCREMENT}, {people})")
        took["increment"] = _timed(connection, increment)
    file.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return took | {"touches": touches, "rows": rows[0] if rows else 0, "peak_mb": peak}


def _timed(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> dict[str, float]:
    """Seconds by the wall clock and of the processor: the second does not mind what else the machine does."""
    started, used = time.perf_counter(), time.process_time()
    for statement in statements:
        connection.execute(statement)
    return {"wall": time.perf_counter() - started, "cpu": time.process_time() - used}


def _statements(stage: str) -> Iterator[str]:
    """The models' SQL as SQLMesh renders it for DuckDB: when they are first made, or at a later refresh."""
    os.environ["TOUCHSTONE_WAREHOUSE_FILE"] = os.devnull
    os.environ["MAX_FORK_WORKERS"] = "1"
    from sqlglot import exp
    from sqlmesh.core.context import Context
    from sqlmesh.core.macros import RuntimeStage

    context = Context(paths=[str(PROJECT)], load=True)
    for name in RULES:
        table = f"attribution.{name}"
        model = context.get_model(table, raise_if_missing=True)
        told = {"runtime_stage": RuntimeStage(stage), "execution_time": "2025-12-31"}
        told["this_model"] = exp.to_table(table)
        query = model.render_query_or_raise(**told).sql("duckdb")
        if stage == "creating" or model.kind.is_full:
            yield f"CREATE OR REPLACE TABLE {table} AS {query}"
        else:
            yield from (statement.sql("duckdb") for statement in model.render_pre_statements(**told))
            yield f"INSERT INTO {table} {query}"


if __name__ == "__main__":
    if len(sys.argv) == 1:
        lines = section()
        print("\n".join(lines))
        soak.write(soak.PAGE, lines)
    else:
        print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
