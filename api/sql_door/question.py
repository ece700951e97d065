"""A level is asked through the engine; its answer comes back as one table `__g0, __g1, ..., __m0, ...`.

A grouped label (CASE WHEN channel IN (...) THEN channel ELSE 'Others' END) is never computed by adding up finer
rows: the members behind each label are listed, and a label with several members is asked as a question of its
own, with those members as its filter. So ratios and distinct counts are as right for `Others` as for a channel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from api.room import Sitting
from api.sql_door.catalog import Catalog
from api.sql_door.level import Level
from api.sql_door.measured import Measured
from api.sql_door.members import Member, dimensions_in, evaluate, members_predicate, named_columns, rows_of
from api.sql_door.refused import Refused
from semantic.answer import Answer
from semantic.predicates import And, DimensionRef, GroupBy, IsNull, Not, Predicate, parse_group_by
from semantic.query import Query, TimeRange

MAX_LABELS = 40
MAX_MEMBERS = 5_000
NOTHING = TimeRange(dt.date(9800, 1, 2), dt.date(9800, 1, 1))


@dataclass(frozen=True)
class Asker:
    """How a level reaches the engine: as one person, at one published version, within one time limit."""

    seat: Sitting
    catalog: Catalog
    max_rows: int
    answers: list[Answer] = field(default_factory=list)

    def __call__(self, query: Query) -> Answer:
        answer = self.seat.ask(replace(query, limit=self.max_rows + 1))
        if answer.table.num_rows > self.max_rows:
            raise Refused(f"This reads more than {self.max_rows} groups; group more coarsely, or filter.")
        self.answers.append(answer)
        return answer


def ask_level(level: Level, asker: Asker) -> pa.Table:
    """The rows of a level, as a table with one column a group and one a metric."""
    conditions = level.conditions
    query = Query(
        metrics=tuple(dict.fromkeys(m.metric for m in level.measures)),
        time_range=NOTHING if conditions.nothing else conditions.time_range,
        where=conditions.predicates,
        compare=level.compare,
    )
    for condition in conditions.by_member:
        query = replace(query, where=(*query.where, _member_condition(condition, query, asker)))
    labels = tuple(
        named_columns(group.expression, asker.catalog, asker.seat.now)
        for group in level.groups
        if group.dimension is None
    )
    if labels:
        return _labelled(level, labels, query, asker)
    dimensions = [group.dimension for group in level.groups if group.dimension]
    if not query.metrics:
        query = replace(query, metrics=asker.seat.anchors(replace(query, group_by=_grouped_by(dimensions))))
    return _named(_rows(query, dimensions, level.measures, asker), level)


def group_name(number: int) -> str:
    """The name of a group in the table of a level."""
    return f"__g{number}"


def measure_name(number: int) -> str:
    """The name of a metric in the table of a level."""
    return f"__m{number}"


def _rows(query: Query, dimensions: Sequence[str], measures: Sequence[Measured], asker: Asker) -> pa.Table:
    """Ask by dimensions: their columns first, then the metrics', named by position; times as timestamps."""
    wanted = list(dict.fromkeys(dimensions))
    answer = asker(replace(query, group_by=_grouped_by(wanted)))
    shown = [c.name for c in answer.columns if c.role == "dimension"]
    columns = [answer.table.column(shown[wanted.index(name)]) for name in dimensions]
    columns += [answer.table.column(_column_of(m, answer.table.column_names)) for m in measures]
    return pa.table([timestamps(c) for c in columns], names=[str(i) for i in range(len(columns))])


def _column_of(measured: Measured, names: Collection[str]) -> str:
    """The answer's column of a number; a metric without a target has none beside it."""
    if measured.column not in names:
        raise Refused(
            f"{measured.metric!r} has no {measured.compare}; leave MEASURE({measured.metric}, ...) out."
        )
    return measured.column


def _grouped_by(dimensions: Sequence[str]) -> tuple[GroupBy, ...]:
    return tuple(parse_group_by(name) for name in dict.fromkeys(dimensions))


def timestamps(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The table of the door knows times, not dates."""
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pc.cast(column, pa.timestamp("us"))
    return column


def _named(table: pa.Table, level: Level) -> pa.Table:
    """Give the columns (groups in order, then metrics) the names that the reshaping statement uses."""
    groups = [group_name(i) for i in range(len(level.groups))]
    return table.rename_columns([*groups, *(measure_name(i) for i in range(len(level.measures)))])


def _member_condition(condition: exp.Expr, query: Query, asker: Asker) -> Predicate:
    """A condition that only the door understands, as the members that meet it."""
    test = named_columns(condition, asker.catalog, asker.seat.now)
    dimensions = dimensions_in([test])
    members = _members(dimensions, query, asker)
    met = evaluate([test], _member_table(dimensions, members)) if members else []
    kept = [member for member, (yes,) in zip(members, met, strict=True) if yes]
    return members_predicate(dimensions, kept) if kept else nobody(dimensions[0])


def nobody(dimension: str) -> Predicate:
    """A condition that no row meets."""
    missing = IsNull(DimensionRef(parse_group_by(dimension)))
    return And((missing, Not(missing)))


def _members(dimensions: Sequence[str], query: Query, asker: Asker) -> list[Member]:
    """The combinations of members that the question's rows have."""
    measures = [Measured(metric) for metric in query.metrics]
    table = _rows(query, dimensions, measures, asker).select(range(len(dimensions)))
    if table.num_rows > MAX_MEMBERS:
        raise Refused(f"{', '.join(dimensions)} has more than {MAX_MEMBERS} members here; filter first.")
    return rows_of(table)


def _member_table(dimensions: Sequence[str], members: Sequence[Member]) -> pa.Table:
    columns = list(zip(*members, strict=True))
    return pa.table({name: pa.array(column) for name, column in zip(dimensions, columns, strict=True)})


def _labelled(level: Level, labels: tuple[exp.Expr, ...], query: Query, asker: Asker) -> pa.Table:
    """The rows by labels and plain dimensions: one question for labels of one member, one for each other."""
    dimensions = dimensions_in(labels)
    behind = _behind(labels, dimensions, query, asker)
    merged = {label: members for label, members in behind.items() if len(members) > 1}
    if len(merged) > MAX_LABELS:
        raise Refused(f"{len(merged)} labels stand for several members each; {MAX_LABELS} is the most.")
    singles = {members[0]: label for label, members in behind.items() if len(members) == 1}
    parts = [_of_label(level, label, dimensions, members, query, asker) for label, members in merged.items()]
    if singles or not parts:
        parts.append(_of_singles(level, singles, dimensions, query, asker))
    return _named(pa.concat_tables(parts, promote_options="permissive"), level)


def _behind(
    labels: tuple[exp.Expr, ...], dimensions: tuple[str, ...], query: Query, asker: Asker
) -> dict[Member, list[Member]]:
    """Which members stand behind each combination of labels."""
    members = _members(dimensions, query, asker)
    behind: dict[Member, list[Member]] = {}
    if members:
        for member, label in zip(members, evaluate(labels, _member_table(dimensions, members)), strict=True):
            behind.setdefault(label, []).append(member)
    return behind


def _of_label(
    level: Level,
    label: Member,
    dimensions: tuple[str, ...],
    members: list[Member],
    query: Query,
    asker: Asker,
) -> pa.Table:
    """The rows of one label, asked as a question about its members."""
    plain = [group.dimension for group in level.groups if group.dimension]
    narrowed = replace(query, where=(*query.where, members_predicate(dimensions, members)))
    rows = _rows(narrowed, plain, level.measures, asker)
    values, columns = iter(label), iter(rows.columns)
    return _positions(
        [
            next(columns) if group.dimension else pa.array([next(values)] * rows.num_rows)
            for group in level.groups
        ]
        + list(columns)
    )


def _of_singles(
    level: Level, singles: dict[Member, Member], dimensions: tuple[str, ...], query: Query, asker: Asker
) -> pa.Table:
    """The rows of the labels that stand for one member each, in one question."""
    plain = [group.dimension for group in level.groups if group.dimension]
    narrow = members_predicate(dimensions, singles) if singles else nobody(dimensions[0])
    rows = _rows(replace(query, where=(*query.where, narrow)), [*plain, *dimensions], level.measures, asker)
    keys = rows_of(rows.select(range(len(plain), len(plain) + len(dimensions))))
    shown = [singles[key] for key in keys]
    columns, number = iter(rows.columns), 0
    ordered: list[pa.ChunkedArray | pa.Array] = []
    for group in level.groups:
        ordered.append(next(columns) if group.dimension else pa.array([label[number] for label in shown]))
        number += group.dimension is None
    return _positions(ordered + rows.columns[len(plain) + len(dimensions) :])


def _positions(columns: Sequence[pa.ChunkedArray | pa.Array]) -> pa.Table:
    return pa.table(list(columns), names=[str(i) for i in range(len(columns))])
