"""SQL text -> one SELECT tree, with names in lower case and `WITH` written out as sub-queries."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from api.sql_door.refused import Refused

MAX_CHARACTERS = 100_000
MAX_DEPTH = 1_000
"""Levels of a parsed statement; `a OR b OR c` is one level deeper with each part."""


class DoorSQL(Postgres):
    """PostgreSQL's language, but missing values come last in both directions, as everywhere in Touchstone."""

    NULL_ORDERING = "nulls_are_last"


def read_statement(sql: str) -> exp.Select:
    """Read exactly one SELECT.

    >>> read_statement("WITH a AS (SELECT region FROM metrics) SELECT Region FROM a").sql()
    'SELECT region FROM (SELECT region FROM metrics) AS "a"'
    """
    if len(sql) > MAX_CHARACTERS:
        raise Refused(f"The statement has {len(sql)} characters; {MAX_CHARACTERS} is the most.")
    if "\0" in sql:
        raise Refused("A NUL character cannot be part of a statement.")
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=DoorSQL) if tree is not None]
    except RecursionError:
        raise Refused("The statement is nested too deeply.") from None
    except SqlglotError as error:
        raise Refused(f"The statement cannot be read: {str(error).splitlines()[0]}") from None
    if len(trees) != 1:
        raise Refused("Send one statement at a time.")
    tree = trees[0]
    if not isinstance(tree, exp.Select):
        raise Refused(f"Only SELECT is answered here, not {tree.key.upper()}.")
    _check_depth(tree)
    return _without_with(normalize_identifiers(tree, dialect=DoorSQL))


def _check_depth(tree: exp.Select) -> None:
    """Refuse what would keep every later step busy; walked without recursion."""
    level: list[exp.Expr] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node.iter_expressions()]
        if not level:
            return
    raise Refused("The statement is nested too deeply.")


def from_of(select: exp.Select) -> exp.Expr | None:
    """What a SELECT reads from, or None."""
    clause = select.args.get("from_")
    return clause.this if clause else None


def _without_with(select: exp.Select) -> exp.Select:
    """Write each common table expression out where it is used, once: a chain, never a growing tree."""
    clause = select.args.get("with_")
    if clause is None:
        return select
    if clause.args.get("recursive"):
        raise Refused("WITH RECURSIVE is not supported.")
    select.set("with_", None)
    for cte in reversed(clause.expressions):
        uses = [t for t in _tables(select, clause) if t.name == cte.alias and not t.db]
        if len(uses) != 1:
            raise Refused(f"{cte.alias!r} in WITH is used {len(uses)} times; use it once.")
        uses[0].replace(exp.Subquery(this=cte.this, alias=exp.TableAlias(this=_alias(uses[0]))))
    return select


def _tables(select: exp.Select, clause: exp.With) -> list[exp.Table]:
    return [*select.find_all(exp.Table), *(t for cte in clause.expressions for t in cte.find_all(exp.Table))]


def _alias(table: exp.Table) -> exp.Identifier:
    return exp.to_identifier(table.alias_or_name, quoted=True)
