"""Every merge can be explained: `touchstone explain person` over the forty cases."""

import json
from pathlib import Path

import duckdb
import pytest

from infra import asking
from infra.cli import main
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.warehouse_models.conftest import Ask
from tests.warehouse_models.forty import sf_id

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def published(warehouse: Path, ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of core in a file of their own, as publication leaves them."""
    file = tmp_path_factory.mktemp("published") / "warehouse.duckdb"
    tables = ask("SELECT LOWER(table_name) FROM information_schema.tables WHERE LOWER(table_schema) = 'core'")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{warehouse}' AS warehouse (READ_ONLY)")
        connection.execute(f"ATTACH '{file}' AS published")
        connection.execute("CREATE SCHEMA published.core")
        for (table,) in tables:
            connection.execute(f"CREATE TABLE published.core.{table} AS FROM warehouse.core.{table}")
    return file


@pytest.fixture
def run(published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command over the built warehouse: (exit code, output, errors)."""
    monkeypatch.setattr(asking, "warehouse", lambda: DuckDBWarehouse(published))

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["touchstone", "explain", "person", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return call


def test_a_merge_chain_is_told_tie_by_tie(run) -> None:
    code, printed, _ = run("a@case02.example", "--format", "json")
    assert code == 0
    ties = {row["which"]: row["detail"] for row in json.loads(printed) if row["what"] == "tie"}
    assert ties["hubspot:contact:h2b = hubspot:contact:h2a"] == "merged in HubSpot"
    assert ties["hubspot:contact:h2a = email:a@case02.example"] == "same e-mail"


def test_a_touch_is_told_as_it_is_read_and_as_it_was_recorded(run) -> None:
    code, printed, _ = run("buyer@case34.example", "--format", "json")
    assert code == 0
    touches = {row["which"]: row["detail"] for row in json.loads(printed) if row["what"] == "touch"}
    assert touches["form hubspot:form:fm1"] == (
        "2025-03-10 09:00:00, channel paid_social, campaign expo, "
        "source recorded as Lnkedn, medium recorded as Paid_Socal"
    )


def test_somebody_unknown_is_named(run) -> None:
    code, _, errors = run("nobody@nowhere.example")
    assert code == 2
    assert "nobody@nowhere.example" in errors


@pytest.mark.parametrize(
    ("asked", "same_as"),
    [
        ("  A@CASE02.EXAMPLE ", "a@case02.example"),
        ("a+news@case02.example", "a@case02.example"),
        (sf_id("003", 5)[:15], sf_id("003", 5)),
        (sf_id("003", 5).lower(), sf_id("003", 5)),
    ],
)
def test_a_person_is_found_however_they_are_written(run, asked: str, same_as: str) -> None:
    assert run(asked)[:2] == run(same_as)[:2]
    code, printed, _ = run(same_as, "--format", "json")
    [person] = [row["which"] for row in json.loads(printed) if row["what"] == "person"]
    assert code == 0
    assert run(person, "--format", "json")[1] == printed, "the id that findings name people by"


def test_a_shared_inbox_is_told_as_one(run) -> None:
    code, _, errors = run("Info+x@nowhere.example")
    assert code == 2
    assert "info@ is an inbox that several people read" in errors
