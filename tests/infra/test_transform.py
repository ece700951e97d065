"""Models and audits: what was built, what failed, and a second refresh on the same day."""

import shutil
from pathlib import Path

import duckdb
import pytest

from infra.errors import RefreshError
from infra.transform import _recorded_at_once, build
from ingest.contract import create_promised_tables

TOY = Path(__file__).parent / "toy"


def load(warehouse, *amounts):
    """Land deals 1, 2, ... with these amounts, replacing those before."""
    with duckdb.connect(str(warehouse)) as connection:
        create_promised_tables(connection)
        connection.execute("DELETE FROM raw.files__deals")
        rows = [(str(number), amount) for number, amount in enumerate(amounts, start=1)]
        connection.executemany("INSERT INTO raw.files__deals (deal_id, amount) VALUES (?, ?)", rows)


def total(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("SELECT sum(amount)::INT FROM core.opportunity").fetchone()[0]


def test_the_models_follow_the_raw_rows_within_one_day_and_a_failed_audit_is_named(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    steps = []
    load(warehouse, 10, 20)
    assert build(warehouse, lambda *step: steps.append(step), TOY) == 3
    assert total(warehouse) == 30
    assert [(done, of) for done, of, _ in steps] == [(1, 3), (2, 3), (3, 3)]

    load(warehouse, 10, None)
    with pytest.raises(RefreshError) as caught:
        build(warehouse, lambda *_: None, TOY)
    assert (caught.value.stage, caught.value.failed) == ("audits", "deal_has_amount")
    assert "core.opportunity: 1 row" in str(caught.value)

    # Put right in the source: the layer before the audit was built from the wrong rows and must be built again.
    load(warehouse, 10, 20, 30)
    build(warehouse, lambda *_: None, TOY)
    assert total(warehouse) == 60


def test_what_was_built_is_recorded_at_once_also_where_the_build_ends_in_an_error():
    class State:
        written, closed = [], 0

        def add_snapshots_intervals(self, intervals):
            self.written.append(tuple(intervals))

        def recycle(self):
            self.closed += 1

    def built_until_an_audit_fails(state):
        with _recorded_at_once(state):
            state.add_snapshots_intervals(["one"])
            state.add_snapshots_intervals(["two"])
            assert not state.written
            state.recycle()
            assert (state.written, state.closed) == ([("one", "two")], 1)
            state.add_snapshots_intervals(["three"])
            raise ValueError("an audit failed")

    state = State()
    with pytest.raises(ValueError, match="an audit"):
        built_until_an_audit_fails(state)
    assert state.written == [("one", "two"), ("three",)]
    state.add_snapshots_intervals(["four"])
    assert state.written[-1] == ("four",)


def test_a_warehouse_of_an_older_version_is_built_without_hand_work(tmp_path):
    """Another SQLMesh, a model of another kind, one that is new, one that is gone, and a raw column that is new."""
    project = shutil.copytree(TOY, tmp_path / "toy")
    warehouse = tmp_path / "warehouse.duckdb"
    load(warehouse, 10, 20)
    view = project / "models" / "opportunity.sql"
    now = view.read_text()
    view.write_text(now.replace("kind FULL", "kind VIEW").replace("closed_at::TIMESTAMP", "NULL::TIMESTAMP"))
    person = project / "models" / "person.sql"
    gone = person.rename(project / "models" / "individual.sql")
    gone.write_text(gone.read_text().replace("core.person", "core.individual"))
    build(warehouse, lambda *_: None, project)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("ALTER TABLE raw.files__deals DROP COLUMN closed_at")
        connection.execute("UPDATE sqlmesh._versions SET sqlmesh_version = '0.200.0'")

    load(warehouse, 10, 20, 30)
    build(warehouse, lambda *_: None, TOY)
    assert total(warehouse) == 60
    with duckdb.connect(str(warehouse)) as connection:
        shown = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'CORE'"
        )
        assert {name for (name,) in shown.fetchall()} == {"OPPORTUNITY", "PERSON"}
        connection.execute("UPDATE sqlmesh._versions SET sqlmesh_version = '9.0.0'")
    with pytest.raises(RefreshError, match=r"newer version.*Run the version of Touchstone that built it"):
        build(warehouse, lambda *_: None, TOY)


def test_a_first_build_that_failed_is_built_whole_by_the_next(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    load(warehouse, None)
    with pytest.raises(RefreshError, match="deal_has_amount"):
        build(warehouse, lambda *_: None, TOY)
    load(warehouse, 40)
    build(warehouse, lambda *_: None, TOY)
    assert total(warehouse) == 40


def test_changed_models_and_changed_rows_come_together(tmp_path):
    project = shutil.copytree(TOY, tmp_path / "toy")
    warehouse = tmp_path / "warehouse.duckdb"
    load(warehouse, 10, 20)
    build(warehouse, lambda *_: None, project)
    model = project / "models" / "opportunity.sql"
    model.write_text(model.read_text().replace("amount::", "(amount * 2)::"))
    load(warehouse, 10, 20, 30)
    build(warehouse, lambda *_: None, project)
    assert total(warehouse) == 120


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [("opportunity", "amount::", "(amount)::"), ("deal", "AS amount,", "AS amount, 1::INT AS extra,")],
    ids=["nothing that SQLMesh would build again", "a column more, which SQLMesh takes for harmless"],
)
def test_new_rows_reach_all_that_follows_from_a_changed_model(tmp_path, model, old, new):
    """SQLMesh would leave the tables as they are, and yesterday's rows would be published with today's."""
    project = shutil.copytree(TOY, tmp_path / "toy")
    warehouse = tmp_path / "warehouse.duckdb"
    load(warehouse, 10, 20)
    build(warehouse, lambda *_: None, project)
    file = project / "models" / f"{model}.sql"
    file.write_text(file.read_text().replace(old, new))
    load(warehouse, 10, 20, 30)
    build(warehouse, lambda *_: None, project)
    assert total(warehouse) == 60
