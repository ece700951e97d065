"""The SQLMesh project, loaded once: its models and the columns that they promise."""

import os

import pytest

from infra.transform import MODELS


@pytest.fixture(scope="package")
def models(tmp_path_factory):
    """Every model by its lower-case `schema.name`, as {column: type}; external models are the raw tables."""
    os.environ["TOUCHSTONE_WAREHOUSE_FILE"] = str(tmp_path_factory.mktemp("contracts") / "warehouse.duckdb")
    os.environ["SQLMESH__DISABLE_ANONYMIZED_ANALYTICS"] = "true"
    from sqlmesh.core.context import Context

    context = Context(paths=[str(MODELS)])
    try:
        return {
            ".".join(part.strip('"').lower() for part in name.split(".")[-2:]): {
                column.lower(): kind for column, kind in (model.columns_to_types or {}).items()
            }
            for name, model in context.models.items()
        }
    finally:
        context.close()
