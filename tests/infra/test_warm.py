"""What makes a build quick: models parsed beforehand, whatever the warehouse, and garbage looked for seldom."""

import gc
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.garbage import never, seldom
from infra.transform import MODELS
from infra.warm import warming
from tests.shared import ROOT

TOY = Path(__file__).parent / "toy"


def parsed(project):
    return list(project.glob(".cache/**/model_definition/*"))


def test_models_are_parsed_beside_the_sources_once(tmp_path, monkeypatch):
    project = shutil.copytree(TOY, tmp_path / "toy", ignore=shutil.ignore_patterns(".cache"))
    subprocess.run([sys.executable, "-m", "infra.warm", str(project)], cwd=ROOT, check=True)
    assert len(parsed(project)) >= 3
    monkeypatch.setattr("infra.warm.subprocess.Popen", lambda *_, **__: pytest.fail("they are parsed"))
    with warming(project):
        pass


def test_the_parsing_ends_with_the_reading(tmp_path, monkeypatch):
    started = []
    popen = subprocess.Popen

    def sleeper(*_, **__):
        started.append(popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[0]

    monkeypatch.setattr("infra.warm.subprocess.Popen", sleeper)
    with pytest.raises(ValueError, match="a source"), warming(tmp_path):
        raise ValueError("a source failed")
    assert started[0].returncode == -9


def test_another_warehouse_needs_no_other_parsing_and_another_setting_does(monkeypatch):
    def fingerprint(**environment):
        with monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            return runpy.run_path(str(MODELS / "config.py"))["config"].fingerprint

    here = fingerprint(TOUCHSTONE_WAREHOUSE_FILE="/one/warehouse.duckdb")
    assert here == fingerprint(TOUCHSTONE_WAREHOUSE_FILE=":memory:")
    assert here != fingerprint(TOUCHSTONE_REPORTING_CURRENCY="EUR")


def test_garbage_is_looked_for_as_before_when_the_work_is_done():
    before = gc.get_threshold()
    with seldom():
        assert gc.get_threshold() > before
        with never():
            assert not gc.isenabled()
        assert gc.isenabled()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
