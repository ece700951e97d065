"""A sub-query that only filters, hides or renames columns is a view: it is merged, so that metrics stay whole.

    SELECT MEASURE(mqls) FROM (SELECT channel AS c FROM metrics WHERE region = 'EMEA') AS v WHERE c = 'Email'
 -> SELECT MEASURE(mqls) FROM metrics WHERE region = 'EMEA' AND channel = 'Email'

A virtual dataset in a dashboard tool arrives here in this form.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from api.sql_door.allow import check_level
from api.sql_door.catalog import Catalog
from api.sql_door.refused import Refused
from api.sql_door.statement import from_of

_ROW_CLAUSES = ("group", "having", "order", "limit", "offset", "distinct")


def merge_views(select: exp.Select, catalog: Catalog) -> exp.Select:
    """Replace a view in FROM by the table that it reads, as deep as views go; anything else stays."""
    source = from_of(select)
    if not isinstance(source, exp.Subquery) or not isinstance(source.this, exp.Select):
        return select
    inner = merge_views(source.this, catalog)
    if not isinstance(from_of(inner), exp.Table) or not _is_view(inner):
        return select
    # All of all is a sample: no metric has every dimension, so it must not become a question for all of them.
    is_sample = select.is_star and inner.is_star
    columns = _columns(inner, catalog)
    alias = source.alias_or_name
    source.replace(from_of(inner).copy())  # type: ignore[union-attr]
    if not is_sample:
        expand_stars(select, tuple(columns))
    _substitute(select, columns, alias)
    if inner.args.get("where"):
        select.where(exp.paren(inner.args["where"].this.copy()), copy=False)
    return select


def is_measure(node: exp.Expr) -> bool:
    """Whether a node is MEASURE(...)."""
    return isinstance(node, exp.Anonymous) and node.name.upper() == "MEASURE"


def inside_measure(column: exp.Column) -> bool:
    """Whether a column is the name of a metric in MEASURE(...)."""
    return column.parent is not None and is_measure(column.parent)


def _is_view(select: exp.Select) -> bool:
    if any(select.args.get(clause) for clause in _ROW_CLAUSES):
        return False
    return not any(is_measure(n) or isinstance(n, exp.AggFunc) for n in select.walk())


def _columns(inner: exp.Select, catalog: Catalog) -> dict[str, exp.Expr]:
    """What the view shows: each column's name and the expression over dimensions behind it."""
    table = from_of(inner)
    assert isinstance(table, exp.Table)
    catalog.check_table(table)
    check_level(inner)
    unqualify(inner, {table.alias_or_name, table.name})
    expand_stars(inner, catalog.dimension_names)
    columns: dict[str, exp.Expr] = {}
    for item in inner.expressions:
        if not item.alias_or_name:
            raise Refused(
                f"Name the column {item.sql(dialect='postgres')[:60]} with AS in the dataset query."
            )
        columns[item.alias_or_name] = item.unalias()
    for column in inner.find_all(exp.Column):
        catalog.check_column(column.name)
    return columns


def unqualify(select: exp.Select, known: set[str]) -> None:
    """Take the table's name off columns; another table's name is refused."""
    for column in select.find_all(exp.Column):
        if column.table and column.table not in known:
            raise Refused(f"There is no table {column.table!r} in this FROM.")
        column.set("table", None)


def expand_stars(select: exp.Select, names: Sequence[str]) -> None:
    """Write each `*` out as columns of these names."""
    expanded: list[exp.Expr] = []
    for item in select.expressions:
        star = isinstance(item, exp.Star) or (
            isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
        )
        expanded += [exp.column(name, quoted=True) for name in names] if star else [item]
    select.set("expressions", expanded)


def expand_star(select: exp.Select, catalog: Catalog) -> bool:
    """Write `*` out as the dimensions; tells whether there was one."""
    before = len(select.expressions)
    stars = any(e.find(exp.Star) and not e.find(exp.Count) for e in select.expressions)
    expand_stars(select, catalog.dimension_names)
    return stars and before <= len(select.expressions)


def _substitute(select: exp.Select, columns: dict[str, exp.Expr], alias: str) -> None:
    """Put the view's expressions in place of its columns, keeping the names that the asker sees."""
    unqualify(select, {alias})
    aliases = {item.alias for item in select.expressions if isinstance(item, exp.Alias)}
    for item in list(select.expressions):
        if isinstance(item, exp.Column):
            item.replace(exp.alias_(item.copy(), item.name, quoted=True))
    for column in list(select.find_all(exp.Column)):
        if inside_measure(column) or (column.name in aliases and column.name not in columns):
            continue
        if column.name not in columns:
            raise Refused(f"The dataset query does not select {column.name!r}.", list(columns)[:10])
        column.replace(_wrapped(columns[column.name]))


def _wrapped(expression: exp.Expr) -> exp.Expr:
    copied = expression.copy()
    return exp.paren(copied) if isinstance(copied, exp.Binary) else copied
