"""The SQLMesh project, loaded once: its models and the columns that they promise."""

import os

import pytest

from infra.transform import MODELS


@pytest.fixture(scope="package")
def loaded(tmp_path_factory):
    """Every model as SQLMesh loaded it, by its lower-case `schema.name`; external models are the raw tables."""
    os.environ["TOUCHSTONE_WAREHOUSE_FILE"] = str(tmp_path_factory.mktemp("contracts") / "warehouse.duckdb")
    os.environ["SQLMESH__DISABLE_ANONYMIZED_ANALYTICS"] = "true"
    from sqlmesh.core.context import Context

    context = Context(paths=[str(MODELS)])
    try:
        return {plain_name(name): model for name, model in context.models.items()}
    finally:
        context.close()


@pytest.fixture(scope="package")
def models(loaded):
    """The columns of every model: {"schema.name": {column: type}}."""
    return {
        name: {column.lower(): kind for column, kind in (model.columns_to_types or {}).items()}
        for name, model in loaded.items()
    }


def plain_name(fqn):
    """`"warehouse"."CORE"."PERSON"` as `core.person`."""
    return ".".join(part.strip('"').lower() for part in fqn.split(".")[-2:])
