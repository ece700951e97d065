"""A read-only DB-API 2.0 driver for Touchstone's SQL door: one POST a statement, Arrow back.

>>> import touchstone_sqlalchemy
>>> connection = touchstone_sqlalchemy.connect(url="http://127.0.0.1:8000", token="...")
>>> cursor = connection.cursor()
>>> cursor.execute("SELECT channel, MEASURE(mqls) FROM semantic.metrics GROUP BY 1")
>>> cursor.fetchall()
[('Email', 120), ('Events', 41)]
"""

from touchstone_sqlalchemy.connection import Connection, connect
from touchstone_sqlalchemy.cursor import Cursor
from touchstone_sqlalchemy.errors import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)

apilevel = "2.0"
threadsafety = 1
paramstyle = "named"

__all__ = [
    "Connection",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "Warning",
    "apilevel",
    "connect",
    "paramstyle",
    "threadsafety",
]
