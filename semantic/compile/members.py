"""The SQL of a question without metrics: the members of dimensions, in the combinations that exist."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.expressions import alias, bound, column, joined, reached, relation, selected
from semantic.compile.scan import AnswerSql, in_range, joins
from semantic.plan import Members

SPINE = "spine"


def members_sql(members: Members, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    """FULL joins, so that members without a partner are there too; metric time is every period of the spine."""
    scan = members.scan
    select = selected(*(alias(reached(reach, dialect), name) for name, reach in scan.keys))
    if scan.relation:
        select = select.from_(relation(scan.relation, scan.alias), copy=False)
        if members.spine is not None:
            select = select.join(relation(members.spine.relation, SPINE), join_type="cross", copy=False)
        select = joins(select, scan, dialect, answer_sql, "full")
    elif members.spine is not None:
        select = joins(
            select.from_(relation(members.spine.relation, SPINE), copy=False),
            scan,
            dialect,
            answer_sql,
            "left",
        )
    found = [bound(condition, dialect) for condition in scan.conditions]
    if scan.range is not None and members.spine is not None:
        found.extend(in_range(column(members.spine.column, SPINE), scan.range, members.spine.grain))
    where = joined(found)
    return select.where(where, copy=False) if where is not None else select
