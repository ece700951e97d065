"""Views of the warehouse that stay views when they are published: where a copy of their rows would only be larger."""

from __future__ import annotations

import duckdb
from sqlglot import exp, parse_one

Name = tuple[str, str]  # schema and name, in lower case


def view_queries(connection: duckdb.DuckDBPyConnection, relations: list[Name]) -> dict[Name, str]:
    """The query of each of the `relations` that is a view by its model, over published names; DuckDB's dialect.

    SQLMesh serves every model through a view over a versioned object, which is a view itself where the model is one. A
    view that reads anything that is not published is left out: its rows are copied like a table's.
    """
    views = {
        (schema.lower(), name.lower()): sql
        for schema, name, sql in connection.execute(
            "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = 'warehouse'"
        ).fetchall()
    }
    wanted = {(schema.lower(), name.lower()) for schema, name in relations}
    versioned = {}  # the versioned object under each published name, and back
    for name in wanted & views.keys():
        sources = list(_query(views[name]).find_all(exp.Table))
        if len(sources) == 1:
            versioned[_named(sources[0])] = name
    return {
        name: query.sql("duckdb")
        for source, name in versioned.items()
        if source in views and (query := _over_published(_query(views[source]), versioned))
    }


def _over_published(query: exp.Expression, versioned: dict[Name, Name]) -> exp.Expression | None:
    inside = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if not table.db and table.name.lower() in inside:
            continue
        published = versioned.get(_named(table))
        if published is None:
            return None
        schema, name = published
        table.replace(exp.table_(name, db=schema, quoted=True, alias=table.alias or None))
    return query


def _query(view: str) -> exp.Expression:
    return parse_one(view, read="duckdb").expression


def _named(table: exp.Table) -> Name:
    return table.db.lower(), table.name.lower()
