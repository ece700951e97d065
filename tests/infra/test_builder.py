"""The process that builds: it tells what went wrong over there, and does not outlive who started it."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from infra.builder import reading
from infra.errors import MistakeError, RefreshError

TOY = Path(__file__).parent / "toy"


def ignored(*_):
    """Progress that nobody looks at."""


@pytest.fixture
def warehouse(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("CREATE SCHEMA raw")
    return tmp_path / "warehouse.duckdb"


def test_a_model_that_cannot_be_read_is_told_as_it_is_in_one_process(warehouse, tmp_path):
    project = shutil.copytree(TOY, tmp_path / "toy", ignore=shutil.ignore_patterns(".cache"))
    (project / "models" / "broken.sql").write_text("MODEL (name core.broken); SELECT FROM WHERE")
    with reading(warehouse, project) as builder, pytest.raises(RefreshError, match=r"broken\.sql") as caught:
        builder.build(ignored)
    assert (caught.value.stage, caught.value.failed) == ("models", "reading them")


def test_a_mistake_stays_a_mistake(warehouse, tmp_path, monkeypatch):
    decisions = tmp_path / "value_mapping.csv"
    decisions.write_text("nonsense\n")
    monkeypatch.setenv("TOUCHSTONE_VALUE_MAPPING", str(decisions))
    with reading(warehouse, TOY) as builder, pytest.raises(MistakeError, match="value_mapping"):
        builder.build(ignored)


def test_it_ends_with_the_block_and_an_end_of_its_own_is_told(warehouse, monkeypatch):
    started = []
    popen = subprocess.Popen

    def other(*_, **options):
        started.append(popen([sys.executable, "-c", "raise SystemExit(3)"], **options))
        return started[-1]

    with reading(warehouse, TOY) as builder:
        process = builder._process
    assert process.returncode == -9
    monkeypatch.setattr("infra.builder.subprocess.Popen", other)
    with reading(warehouse, TOY) as builder, pytest.raises(RefreshError, match="ended with code 3"):
        builder.build(ignored)


def test_it_does_not_outlive_who_started_it(warehouse):
    code = "import os, sys; from pathlib import Path; from infra.builder import reading\n"
    code += "with reading(Path(sys.argv[1]), Path(sys.argv[2])) as builder:\n"
    code += "    print(builder._process.pid, flush=True); os.kill(os.getpid(), 9)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(warehouse), str(TOY)], capture_output=True, text=True, check=False
    )  # the pipes end when both processes have
    assert done.returncode == -9
    for _ in range(100):
        if not Path(f"/proc/{done.stdout.strip()}").exists():
            break
        time.sleep(0.05)
    else:
        pytest.fail("the process that builds is still there")
