"""Stages meet in tables and YAML only; each meeting point holds both sides to one promise.

ingest ==raw.*==> sqlmesh ==core.*, attribution.*==> semantic/glossary ==Glossary==> api, superset
"""

import subprocess
import sys
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from infra.settings import PROJECT, settings
from ingest.contract import create_promised_tables, promised_tables
from semantic.loader import load_glossary


def test_ingest_lands_what_the_models_read(models):
    with duckdb.connect() as connection:
        create_promised_tables(connection)
        landed = {
            f"raw.{table}": {column for (column,) in rows}
            for table in (promised.name for promised in promised_tables())
            if (rows := connection.execute(f"SELECT name FROM pragma_table_info('raw.{table}')").fetchall())
        }
    read = {name: set(columns) for name, columns in models.items() if name.startswith("raw.")}
    assert read == landed


def columns_of(*expressions):
    """The bare column names in SQL expressions."""
    return {
        column.name.lower()
        for expression in expressions
        for column in sqlglot.parse_one(expression, dialect="duckdb").find_all(exp.Column)
    }


def columns_read(model):
    """Every column that a semantic model of the glossary reads of its table."""
    return columns_of(*(part.expr for part in (*model.entities, *model.dimensions, *model.measures)))


def test_the_glossary_stands_on_columns_that_the_models_build(models):
    glossary = load_glossary(settings().glossary)
    missing = []
    for model in glossary.models.values():
        built = models.get(model.relation.lower())
        if built is None:
            missing.append(f"{model.name}: there is no model {model.relation}")
            continue
        missing += [
            f"{model.name}: {model.relation} has no column {column!r}"
            for column in sorted(columns_read(model) - set(built))
        ]
    assert missing == []


def test_the_calendars_stand_on_columns_that_the_models_build(models):
    glossary = load_glossary(settings().glossary)
    missing = [
        f"{spine.name}: {spine.relation} has no column {column!r}"
        for spine in glossary.time_spines
        for column in (spine.column, *(grain.column for grain in spine.custom_grains))
        if column not in models.get(spine.relation.lower(), {})
    ]
    assert missing == []


def test_what_is_published_is_what_the_glossary_reads(models):
    from infra.publish import SCHEMAS

    glossary = load_glossary(settings().glossary)
    assert {model.relation.partition(".")[0] for model in glossary.models.values()} <= set(SCHEMAS)


def test_imports_point_toward_definitions():
    lint = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run([str(lint)], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_data_folders_are_not_packages():
    for folder in ("sqlmesh", "superset"):
        assert not (PROJECT / folder / "__init__.py").exists()
        assert not list((PROJECT / folder).rglob("test_*.py")), f"tests of {folder}/ live in tests/"
