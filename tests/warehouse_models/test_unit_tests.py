"""SQLMesh's own unit tests (sqlmesh/tests/*.yaml) and its linter, which loading the project runs."""

from pathlib import Path

import pytest

from tests.warehouse_models.raw import PROJECT


@pytest.mark.timeout(600)
def test_the_project_loads_lints_and_passes_its_unit_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_WAREHOUSE_FILE", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("MAX_FORK_WORKERS", "1")
    from sqlmesh.core.context import Context

    context = Context(paths=[str(PROJECT)])
    try:
        context.lint_models()
        result = context.test()
    finally:
        context.close()
    assert result.testsRun >= 3
    assert result.wasSuccessful(), [text for _, text in result.failures + result.errors]
