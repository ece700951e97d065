"""The exception tree that DB-API 2.0 asks for.

Error
├── InterfaceError        the address or the token is missing or unreadable
└── DatabaseError
    ├── OperationalError  the door cannot be reached, refuses the token, or failed
    ├── ProgrammingError  the door understood the statement and refused it: the message says why
    ├── NotSupportedError writing, bind parameters
    └── DataError, IntegrityError, InternalError: never raised, DB-API wants the names
"""

from __future__ import annotations


class Warning(Exception):  # noqa: N818 - the name is DB-API's
    """Never raised; DB-API wants the name."""


class Error(Exception):
    """The base of all errors of this driver."""


class InterfaceError(Error):
    """The driver was asked to connect without an address, or with one that it cannot read."""


class DatabaseError(Error):
    """An error of the door or of a statement."""


class OperationalError(DatabaseError):
    """The door cannot be reached, refuses the token, or failed; trying again may help."""


class ProgrammingError(DatabaseError):
    """The statement was refused; the message is written for the person who made the chart."""


class NotSupportedError(DatabaseError):
    """The door is read-only and takes complete statements."""


class DataError(DatabaseError):
    """Never raised; DB-API wants the name."""


class IntegrityError(DatabaseError):
    """Never raised; DB-API wants the name."""


class InternalError(DatabaseError):
    """Never raised; DB-API wants the name."""
