"""An emulated Snowflake account (fakesnow) that carries a plan of SQLMesh, and where it has to be helped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import fakesnow
import fakesnow.transforms
import snowflake.connector
import snowflake.connector.pandas_tools
import sqlglot
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp
from sqlglot.tokens import TokenType

DATABASE = "WAREHOUSE"


@contextmanager
def emulated(folder: Path) -> Iterator[None]:
    """Every connection of the connector leads to databases that are DuckDB files of this folder."""
    with (
        patch.object(fakesnow.transforms, "create_table_as", _create_table_as),
        # fakesnow 0.11 adds up everything as doubles, because Snowflake adds up text too. Our sums are of numbers.
        patch.object(fakesnow.transforms, "numeric_agg_implicit_cast", lambda node: node),
        patch.object(FakeSnowflakeCursor, "_transform", _transform),
        fakesnow.patch(db_path=folder),
        patch.object(snowflake.connector.pandas_tools, "write_pandas", _overwriting()),
    ):
        yield


@contextmanager
def connected(folder: Path) -> Iterator[snowflake.connector.SnowflakeConnection]:
    """A connection to what was built in the folder."""
    with emulated(folder), snowflake.connector.connect(database=DATABASE, schema="CORE") as connection:
        yield connection


@contextmanager
def carrying_sqlmesh(folder: Path) -> Iterator[set[str]]:
    """An emulated account that SQLMesh can plan on; gives the names that were asked for in small letters.

    The emulation does not tell names by their case, as Snowflake does.
    """
    from sqlmesh.core.engine_adapter.snowflake import SnowflakeEngineAdapter

    small_names: set[str] = set()
    theirs = SnowflakeEngineAdapter._execute

    def execute(adapter: Any, sql: str, *rest: Any, **more: Any) -> None:
        small_names.update(_small_names(sql))
        theirs(adapter, sql.replace("CREATE TEMPORARY TABLE", "CREATE TABLE"), *rest, **more)

    def use(adapter: Any, catalog: str) -> None:
        adapter.execute(f'USE DATABASE "{catalog}"')

    with (
        emulated(folder),
        patch.object(SnowflakeEngineAdapter, "_execute", execute),
        patch.object(SnowflakeEngineAdapter, "set_current_catalog", use),
    ):
        yield small_names


_THEIR_CREATE_TABLE_AS = fakesnow.transforms.create_table_as
_THEIR_TRANSFORM = FakeSnowflakeCursor._transform


def _create_table_as(tree: exp.Expr, connection: Any) -> exp.Expr:
    """`CREATE TABLE t (a INT) AS SELECT 1 AS x`: fakesnow 0.11 writes CAST(1 AS x AS INT)."""
    if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
        query = tree.expression
        if isinstance(query, exp.Select):
            query.set("expressions", [column.unalias() for column in query.expressions])
    return _THEIR_CREATE_TABLE_AS(tree, connection)


class _InPlace:
    """A tree that is changed where it stands: fakesnow copies it seventy times a statement."""

    def __init__(self, tree: exp.Expr) -> None:
        self.tree = tree.copy()

    def transform(self, change: Callable[..., exp.Expr], **options: Any) -> _InPlace:
        self.tree = self.tree.transform(change, copy=False, **options)
        return self


def _transform(cursor: FakeSnowflakeCursor, tree: Any, parameters: Any) -> exp.Expr:
    found: Any = _THEIR_TRANSFORM(cursor, _InPlace(tree), parameters)  # type: ignore[arg-type]
    return found.transform(_signed_hash).tree  # type: ignore[no-any-return]


def _signed_hash(node: exp.Expr) -> exp.Expr:
    """Snowflake's HASH is a signed number of 64 bits, which DuckDB's is not."""
    if not isinstance(node, exp.Anonymous) or node.name.upper() != "HASH":
        return node
    return exp.cast(exp.BitwiseRightShift(this=node.copy(), expression=exp.Literal.number(1)), "BIGINT")


def _overwriting() -> Callable[..., Any]:
    """`write_pandas(overwrite=True)` only adds in fakesnow; SQLMesh writes a seed twice and counts on it."""
    theirs = fakesnow.fakes.write_pandas

    def write_pandas(connection: Any, frame: Any, name: str, *, overwrite: bool = False, **more: Any) -> Any:
        if overwrite:
            table = ".".join(filter(None, (more.get("database"), more.get("schema"), name)))
            connection.cursor().execute(f"DELETE FROM {table}")
        return theirs(connection, frame, name, **more)

    return write_pandas


def _small_names(sql: str) -> set[str]:
    """Names that are asked for, quoted with small letters; but for those that SQLMesh makes for itself."""
    tokens = sqlglot.tokenize(sql, dialect="snowflake")
    quoted = {
        token.text
        for before, token in pairwise(tokens)
        if token.token_type == TokenType.IDENTIFIER and before.token_type != TokenType.ALIAS
    }
    return {name for name in quoted if name != name.upper() and not name.startswith(("sqlmesh__", "_"))}
