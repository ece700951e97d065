"""What a killed process leaves behind is put right; what is merely busy is left alone."""

import duckdb
import pytest

from infra.errors import RefreshError
from infra.heal import heal
from infra.home import Home


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.warehouse_file.parent.mkdir(parents=True)
    home.ingest_state.mkdir(parents=True)
    with duckdb.connect(str(home.warehouse_file)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS i FROM range(100000)")
    return home


def test_half_built_versions_are_removed(home, capsys):
    (home.serving / ".building-20260415T060000000000Z").mkdir(parents=True)
    heal(home)
    assert list(home.serving.iterdir()) == []
    assert "removed .building-20260415T060000000000Z" in capsys.readouterr().err


def test_a_damaged_warehouse_is_set_aside_with_its_cursors(home, capsys):
    with home.warehouse_file.open("r+b") as file:
        file.truncate(5000)
    heal(home)
    assert not home.warehouse_file.exists()
    [aside] = (home.root / "broken").iterdir()
    assert sorted(path.name for path in aside.iterdir()) == ["ingest", "warehouse"]
    assert "everything is loaded anew" in capsys.readouterr().err


def test_a_warehouse_that_cannot_be_opened_for_another_reason_stays(home):
    home.warehouse_file.unlink()
    home.warehouse_file.mkdir()
    with pytest.raises(RefreshError, match="warehouse"):
        heal(home)
    assert home.warehouse_file.exists()


def test_a_home_without_a_warehouse_needs_no_healing(tmp_path):
    heal(Home(tmp_path))
