"""The SQLAlchemy dialect `touchstone`: it reflects the door's catalogue and binds no parameters."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from sqlalchemy import types
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.url import URL

import touchstone_sqlalchemy
from touchstone_sqlalchemy.address import from_url
from touchstone_sqlalchemy.types import base_name

SCHEMA = "semantic"
TYPES: dict[str, type[types.TypeEngine]] = {
    "VARCHAR": types.String,
    "TEXT": types.String,
    "TIMESTAMP": types.DateTime,
    "DATE": types.Date,
    "BIGINT": types.BigInteger,
    "INTEGER": types.BigInteger,
    "DOUBLE": types.Float,
    "DECIMAL": types.Numeric,
    "BOOLEAN": types.Boolean,
}


class TouchstoneDialect(DefaultDialect):
    """Reads the glossary's virtual tables; there is nothing else behind the door."""

    name = "touchstone"
    driver = "http"
    default_schema_name = SCHEMA
    supports_statement_cache = True
    supports_native_boolean = True
    supports_native_decimal = True
    supports_alter = False
    supports_sane_rowcount = False

    @classmethod
    def dbapi(cls) -> ModuleType:  # SQLAlchemy 1.4
        """The DB-API module."""
        return touchstone_sqlalchemy

    @classmethod
    def import_dbapi(cls) -> ModuleType:  # SQLAlchemy 2
        """The DB-API module."""
        return touchstone_sqlalchemy

    def create_connect_args(self, url: URL) -> tuple[list[Any], dict[str, Any]]:
        """`touchstone://:TOKEN@host:port/?tls=0&timeout=30`; `touchstone://` takes the environment's."""
        arguments: dict[str, Any] = {}
        if url.host:
            arguments["address"] = from_url(url.host, url.port, str(url.password or ""), dict(url.query))
        if "timeout" in url.query:
            arguments["timeout"] = url.query["timeout"]
        return [], arguments

    def initialize(self, connection: Any) -> None:
        """Ask nothing: SQLAlchemy's probes are not questions that the door answers."""

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Whether the door answers, and to this token."""
        dbapi_connection.catalog()
        return True

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing to roll back."""

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """The one schema."""
        return [SCHEMA]

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The virtual tables."""
        return list(_catalog(connection)) if schema in (None, SCHEMA) else []

    def get_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """No views."""
        return []

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether a virtual table of that name exists."""
        return table_name in self.get_table_names(connection, schema)

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """The dimensions. Metrics are no columns: they exist only as MEASURE(name)."""
        columns = _catalog(connection)[table_name]["columns"]
        return [
            {
                "name": name,
                "type": TYPES.get(base_name(declared), types.String)(),
                "nullable": True,
                "default": None,
            }
            for name, declared in columns.items()
        ]

    def get_pk_constraint(self, connection: Any, *_: Any, **__: Any) -> dict[str, Any]:
        """No keys."""
        return {"constrained_columns": [], "name": None}

    def get_foreign_keys(self, connection: Any, *_: Any, **__: Any) -> list[dict[str, Any]]:
        """No keys."""
        return []

    def get_indexes(self, connection: Any, *_: Any, **__: Any) -> list[dict[str, Any]]:
        """No indexes."""
        return []

    def get_table_comment(self, connection: Any, *_: Any, **__: Any) -> dict[str, Any]:
        """No comment."""
        return {"text": None}


def _catalog(connection: Any) -> dict[str, Any]:
    """The catalogue as the user of this SQLAlchemy connection sees it."""
    pooled = connection.connection
    # SQLAlchemy 1.4.24 and later name the driver's connection; a raw pool proxy passes attributes through.
    return dict(getattr(pooled, "dbapi_connection", pooled).catalog())
