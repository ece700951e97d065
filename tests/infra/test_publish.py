"""Publication: all or nothing, and never under a reader's feet."""

import json
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from infra import publish as publication
from infra.errors import RefreshError
from infra.home import Home

NOW = datetime(2026, 4, 15, 6, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    """A home whose warehouse has one core view over a hidden physical table, as SQLMesh leaves it."""
    home = Home(tmp_path)
    home.warehouse_file.parent.mkdir(parents=True)
    with duckdb.connect(str(home.warehouse_file)) as connection:
        connection.execute("CREATE SCHEMA sqlmesh__core; CREATE SCHEMA core; CREATE SCHEMA staging")
        connection.execute("CREATE TABLE sqlmesh__core.p1 AS SELECT 1 AS PERSON_ID, 'EMEA' AS REGION")
        connection.execute("CREATE VIEW core.PERSON AS SELECT * FROM warehouse.sqlmesh__core.p1")
        connection.execute("COMMENT ON COLUMN core.PERSON.REGION IS 'where it''s at'")
        connection.execute("CREATE TABLE staging.hidden AS SELECT 1 AS x")
    return home


def read(path, sql):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_version_holds_plain_tables_in_lower_case_with_their_comments(home):
    published = publication.publish(home, {"hubspot": "2026-04-14T22:00:00"}, NOW)
    assert published.rows == 1
    assert read(
        published.path,
        "SELECT table_schema, table_name, table_type FROM information_schema.tables",
    ) == [("core", "person", "BASE TABLE")]
    assert read(published.path, "SELECT column_name, comment FROM duckdb_columns() WHERE NOT internal") == [
        ("person_id", None),
        ("region", "where it's at"),
    ]


def test_a_model_that_is_a_view_is_published_as_one_over_what_is_published(home):
    with duckdb.connect(str(home.warehouse_file)) as connection:
        connection.execute(
            "CREATE VIEW sqlmesh__core.p2 AS SELECT REGION AS PLACE FROM warehouse.sqlmesh__core.p1"
        )
        connection.execute("CREATE VIEW core.A_PLACE AS SELECT * FROM warehouse.sqlmesh__core.p2")
        connection.execute("CREATE VIEW sqlmesh__core.p3 AS SELECT x FROM warehouse.staging.hidden")
        connection.execute("CREATE VIEW core.SHOWN AS SELECT * FROM warehouse.sqlmesh__core.p3")
    published = publication.publish(home, {}, NOW)
    home.warehouse_file.unlink()
    kinds = dict(read(published.path, "SELECT table_name, table_type FROM information_schema.tables"))
    assert kinds == {"person": "BASE TABLE", "a_place": "VIEW", "shown": "BASE TABLE"}, (
        "staging is not published"
    )
    assert read(published.path, "SELECT place FROM core.a_place") == [("EMEA",)]


def test_the_pointer_names_the_version_and_survives_moving_the_home(home):
    published = publication.publish(home, {"hubspot": None}, NOW)
    document = json.loads(home.pointer.read_text())
    assert document == {
        "version": "20260415T060000000000Z",
        "path": "20260415T060000000000Z/warehouse.duckdb",
        "published_at": "2026-04-15T06:00:00+00:00",
        "watermark": {"hubspot": None},
        "rows": 1,
    }
    assert publication.current(home) == published


def test_nothing_to_publish_leaves_the_pointer_where_it_was(home):
    publication.publish(home, {}, NOW)
    before = home.pointer.read_text()
    with duckdb.connect(str(home.warehouse_file)) as connection:
        connection.execute("DROP VIEW core.person")
    with pytest.raises(RefreshError, match="no tables to publish"):
        publication.publish(home, {}, NOW + timedelta(days=1))
    assert home.pointer.read_text() == before
    assert publication.clear_half_built(home) == [".building-20260416T060000000000Z"]


def test_a_copy_with_other_rows_than_its_original_is_refused():
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE origin AS FROM range(3); CREATE TABLE copy AS FROM range(2)")
        with pytest.raises(RefreshError, match="copy: holds 2 rows and its original 3"):
            publication.same_rows(connection, "origin", "copy")


def test_pruning_keeps_the_newest_the_served_the_young_and_the_open(home):
    versions = [publication.publish(home, {}, NOW + timedelta(days=day)) for day in range(6)]
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import duckdb, sys
                connection = duckdb.connect({str(versions[1].path)!r}, read_only=True)
                print("open", flush=True)
                sys.stdin.read()
                print(connection.execute("SELECT count(*) FROM core.person").fetchone())
            """),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout.readline() == "open\n"
        later = NOW + timedelta(days=5, hours=1)
        removed = publication.prune(home, 2, timedelta(hours=36), later)
        assert removed == [versions[0].version, versions[2].version, versions[3].version]
    finally:
        told, _ = reader.communicate("", timeout=30)
    assert told == "(1,)\n"
    assert publication.prune(home, 2, timedelta(hours=36), later) == [versions[1].version]
    assert publication.current(home).path.exists()


def test_what_the_pointer_names_stays_even_when_it_is_the_oldest(home):
    first = publication.publish(home, {}, NOW)
    pointer = home.pointer.read_text()
    for day in range(1, 4):
        publication.publish(home, {}, NOW + timedelta(days=day))
    home.pointer.write_text(pointer)
    publication.prune(home, 2, timedelta(0), NOW + timedelta(days=9))
    assert first.path.exists()
