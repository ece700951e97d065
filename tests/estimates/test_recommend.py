"""`touchstone recommend` over the hand-written warehouse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from infra import asking
from infra.cli import main
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.fixtures.core import build_core

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_core(tmp_path_factory.mktemp("core") / "warehouse.duckdb")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command over a file: (exit code, output, errors)."""

    def call(file: Path, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(asking, "warehouse", lambda: DuckDBWarehouse(file))
        monkeypatch.setattr("sys.argv", ["touchstone", "recommend", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return call


def test_it_says_what_to_move_and_what_that_brings(run: Run, core: Path) -> None:
    code, out, _ = run(core)
    assert code == 0
    assert "2.60 (1.50 to 3.70)" in out
    assert "refused: 3 months with spend, 12 needed" in out
    assert (
        "As of April 2026, a month in USD: the same 1550.00, divided as proposed, brings 168.40 more pipeline"
        in out
    )
    assert "(40.00 to 296.80)" in out


def test_as_json_money_is_exact_and_the_changes_are_nothing_together(run: Run, core: Path) -> None:
    code, out, _ = run(core, "--format", "json")
    told = json.loads(out)
    assert code == 0
    assert told["currency"] == "USD"
    assert told["plan"]["pipeline_change_low"] == "40.00"
    assert {row["channel"]: row["spend_change"] for row in told["channels"]} == {
        "display": "0.00",
        "paid_search": "100.00",
        "paid_social": "-100.00",
    }
    assert [row["marginal_return"] for row in told["channels"]] == [None, 2.6, 0.8]


def test_csv_has_a_row_for_all_channels(run: Run, core: Path) -> None:
    _, out, _ = run(core, "--format", "csv")
    lines = out.splitlines()
    assert lines[0].startswith("channel,spend_now,marginal_return")
    assert lines[-1].startswith(",1550.00,,,,1550.00,0.00,168.40")


def test_a_refused_plan_says_why_and_proposes_nothing(run: Run, core: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(core, tmp_path / "refused.duckdb"))
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "UPDATE marts.budget_shift SET status = 'refused: no curve', spend_proposed = NULL"
        )
    code, out, _ = run(file)
    assert code == 0
    assert "No shift is proposed as of April 2026: no curve." in out


def test_without_spend_there_is_nothing_to_say(run: Run, core: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(core, tmp_path / "none.duckdb"))
    with duckdb.connect(str(file)) as connection:
        connection.execute("DELETE FROM marts.channel_return")
    code, _, errors = run(file)
    assert code == 2
    assert "there is no spend to divide" in errors
