"""The quality of a source: completeness, uniqueness, validity, consistency, timeliness, each 0 to 100.

The words are those of ISO/IEC 25012 and of DAMA's dimensions. A part that cannot be asked of a source (nothing in it
must be unique, say) is left out of its score, which is the mean of the parts that can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from infra.audit.expectations import Expectation
from infra.audit.ground import Ground
from infra.audit.inventory import days_behind
from infra.audit.nouns import Column, Example, Finding, Section, Severity, Table, light
from infra.audit.validity import RULES

PARTS = ("completeness", "uniqueness", "validity", "consistency", "timeliness")
ON_TIME_DAYS = 1  # a source may be a day behind
LOST_DAYS = 30  # further behind, it says nothing of the present
NEVER_FILLED = 0.02  # below: the field is not used at all

SCORES = Table(
    "quality",
    "Quality by source",
    "One row a source with data.",
    (
        Column("source", "The source system"),
        Column("light", "green from 95, amber from 80, red below", "light"),
        Column("score", "Mean of the parts that can be asked", "score"),
        Column("completeness", "Mean fill rate of the required fields", "score"),
        Column("uniqueness", "Share of live rows that share no key with another row", "score"),
        Column("validity", "Share of filled values that keep their rule", "score"),
        Column("consistency", "Share of filled references that lead to a row", "score"),
        Column(
            "timeliness",
            "100 up to a day behind the freshest source, 0 from 30 days on, straight between",
            "score",
        ),
    ),
    shown=30,
)
CHECKS = Table(
    "quality_checks",
    "Single checks",
    "One row a check on a field: what the scores are made of.",
    (
        Column("part", "completeness, uniqueness, validity or consistency"),
        Column("source", "The source system"),
        Column("object", "The object in it"),
        Column("field", "The field"),
        Column("rule", "What is asked of it"),
        Column("rows", "Rows that were asked", "count"),
        Column("failed", "Rows that fail", "count"),
        Column("share", "Share that passes", "share"),
    ),
    shown=20,
)
FIELDS = Table(
    "required_fields",
    "Mandatory fields",
    "One row a field that reports need.",
    (
        Column("source", "The source system"),
        Column("object", "The object in it"),
        Column("field", "The field"),
        Column("rows", "Live rows", "count"),
        Column("filled", "Rows that have it", "count"),
        Column("fill_rate", "Share of rows that have it", "share"),
        Column("required", "Share that is required", "percent"),
        Column("light", "green: enough; amber: up to 10 points short; red: more", "light"),
    ),
    shown=25,
)


@dataclass(frozen=True)
class Check:
    """A rule asked of a field: of `rows` rows `failed` fail."""

    part: str
    table: str
    field: str
    rule: str
    rows: int
    failed: int
    needed: float = 1.0

    @property
    def share(self) -> float:
        """The share that passes; 1 where no row was asked."""
        return 1 - self.failed / self.rows if self.rows else 1.0

    @property
    def source(self) -> str:
        """The source system."""
        return self.table.partition("__")[0]


def quality(ground: Ground, checks: tuple[Check, ...]) -> Section:
    """The chapter on scores."""
    scores = {source: _scores(ground, source, checks) for source in ground.sources}
    weakest = sorted((one for one in checks if one.failed), key=lambda one: one.share)
    return Section(
        "quality",
        "Quality of the sources",
        "Five parts, each from 0 to 100; the score is the mean of those that can be asked of a source. "
        "How each is worked out stands in the notes at the end.",
        (
            SCORES.filled([(source, light(row[0]), *row) for source, row in scores.items()]),
            CHECKS.filled([_row(one) for one in weakest]),
        ),
        tuple(_findings(checks)),
        ok="Keys are unique, values are valid and references lead somewhere.",
    )


def required_fields(asked: tuple[Check, ...]) -> Section:
    """The chapter on mandatory fields."""
    checks = [one for one in asked if one.part == "completeness"]
    rows = [
        (one.source, one.table.partition("__")[2], one.field, one.rows, one.rows - one.failed, one.share, one.needed,
         _field_light(one))
        for one in checks
    ]  # fmt: skip
    order = {"red": 0, "amber": 1, "green": 2}
    rows.sort(key=lambda row: (order[str(row[7])], row[0], row[1], row[2]))
    short = [one for one in checks if _field_light(one) != "green"]
    return Section(
        "fields",
        "Mandatory fields",
        "How many live rows have the fields that reports need. The list is a file: change it and give it with "
        "--expect.",
        (FIELDS.filled(rows).showing(len(short)),),
        tuple(_field_findings(short)),
        notes=("The fields that are filled as required are in tables/required_fields.csv.",) if short else (),
        facts=(
            ("fields asked", str(len(checks))),
            ("filled as required", str(len(checks) - len(short))),
            ("too empty", str(len(short))),
        ),
        ok="Every mandatory field is filled as required.",
    )


def all_checks(ground: Ground, expected: tuple[Expectation, ...]) -> tuple[Check, ...]:
    """Every check that the expectations ask for, of objects that have rows."""
    return tuple(
        check
        for one in expected
        if ground.counts.get(one.table)
        for check in (
            *_completeness(ground, one),
            *_uniqueness(ground, one),
            *_validity(ground, one),
            *_consistency(ground, one),
        )
    )


def _completeness(ground: Ground, one: Expectation) -> Iterator[Check]:
    counted = ", ".join(f"COUNT(NULLIF(TRIM({name}::VARCHAR), ''))" for name in one.required)
    if counted:
        rows, *filled = ground.ask(f"SELECT COUNT(*), {counted} FROM raw.{one.table} WHERE {one.live}")[0]
        for (name, needed), have in zip(one.required.items(), filled, strict=True):
            yield Check(
                "completeness", one.table, name, f"filled in {needed:.0%} of rows", rows, rows - have, needed
            )


def _uniqueness(ground: Ground, one: Expectation) -> Iterator[Check]:
    for name in one.unique:
        rows, failed = ground.ask(f"""
            SELECT COALESCE(SUM(n), 0)::BIGINT, COALESCE(SUM(n) FILTER (WHERE n > 1), 0)::BIGINT FROM (
              SELECT COUNT(*) AS n FROM raw.{one.table}
              WHERE ({one.live}) AND NULLIF(TRIM({name}::VARCHAR), '') IS NOT NULL
              GROUP BY LOWER(TRIM({name}::VARCHAR)))
        """)[0]
        yield Check("uniqueness", one.table, name, "not twice", rows, failed)


def _validity(ground: Ground, one: Expectation) -> Iterator[Check]:
    for name, rule in one.valid.items():
        rows, failed = ground.ask(
            f"SELECT COUNT(*), COUNT(*) FILTER (WHERE NOT ({RULES[rule].format(name)})) "
            f"FROM raw.{one.table} WHERE ({one.live}) AND NULLIF(TRIM({name}::VARCHAR), '') IS NOT NULL"
        )[0]
        yield Check("validity", one.table, name, rule.replace("_", " "), rows, failed)


def _consistency(ground: Ground, one: Expectation) -> Iterator[Check]:
    for name, (table, column) in one.refers.items():
        if not ground.counts.get(table):
            continue
        rows, failed = ground.ask(f"""
            SELECT COUNT(*), COUNT(*) FILTER (WHERE sfid({name}::VARCHAR) NOT IN (
              SELECT sfid({column}::VARCHAR) FROM raw.{table} WHERE known({column}::VARCHAR) IS NOT NULL))
            FROM raw.{one.table} WHERE ({one.live}) AND NULLIF(TRIM({name}::VARCHAR), '') IS NOT NULL
        """)[0]
        yield Check(
            "consistency", one.table, name, f"leads to {table.replace('__', '.')}.{column}", rows, failed
        )


def _scores(ground: Ground, source: str, checks: tuple[Check, ...]) -> tuple[float | None, ...]:
    parts: list[float | None] = []
    for part in PARTS[:4]:
        shares = [one.share for one in checks if one.part == part and one.source == source and one.rows]
        parts.append(100 * fmean(shares) if shares else None)
    behind = days_behind(ground, source)
    parts.append(None if behind is None else timeliness(behind))
    asked = [part for part in parts if part is not None]
    return (fmean(asked) if asked else None, *parts)


def timeliness(behind: int) -> float:
    """100 up to ON_TIME_DAYS behind the freshest source, 0 from LOST_DAYS on, straight between.

    >>> [round(timeliness(days)) for days in (0, 1, 15, 30, 99)]
    [100, 100, 52, 0, 0]
    """
    return 100 * min(1.0, max(0.0, 1 - (behind - ON_TIME_DAYS) / (LOST_DAYS - ON_TIME_DAYS)))


def _row(one: Check) -> tuple[object, ...]:
    name = one.table.partition("__")[2]
    return (one.part, one.source, name, one.field, one.rule, one.rows, one.failed, one.share)


def _field_light(one: Check) -> str:
    if one.share >= one.needed:
        return "green"
    return "amber" if one.share >= one.needed - 0.1 else "red"


def _findings(checks: tuple[Check, ...]) -> Iterator[Finding]:
    told: tuple[tuple[str, str, Severity, str, str], ...] = (
        ("uniqueness", "Keys that come twice", "medium", "Rows are counted twice, or joined to the wrong one.",
         "Merge the rows in their system; the chapter on duplicates has them."),
        ("validity", "Values that break their rule", "medium", "They fall out of groups and joins without a word.",
         "Correct them where they are typed in; a pick list or a validation rule keeps them out."),
        ("consistency", "References that lead nowhere", "medium", "What should be joined is lost.",
         "Load the object that is missing, or find out who deletes its rows."),
    )  # fmt: skip
    for part, title, severity, matters, to_do in told:
        failed = [one for one in checks if one.part == part and one.failed]
        if failed:
            worst = sorted(failed, key=lambda one: one.share)
            yield Finding(
                f"quality_{part}",
                title,
                severity,
                sum(one.failed for one in failed),
                matters,
                to_do,
                tuple(
                    Example(
                        "field",
                        f"{one.table}.{one.field}",
                        f"{one.failed:,} of {one.rows:,} break the rule: {one.rule}",
                    )
                    for one in worst
                ),
            )


def _field_findings(short: list[Check]) -> Iterator[Finding]:
    for name, severity, title in (
        ("red", "high", "Mandatory fields that are mostly missing"),
        ("amber", "low", "Mandatory fields that are nearly filled"),
    ):
        fields = [one for one in short if _field_light(one) == name]
        if fields:
            yield Finding(
                f"fields_{name}",
                title,
                severity,  # type: ignore[arg-type]
                len(fields),
                "Reports that group or filter by these fields leave the rows out.",
                "Make the field mandatory at its system, then fill the past.",
                tuple(
                    Example(
                        "field",
                        f"{one.table}.{one.field}",
                        _how_full(one),
                    )
                    for one in sorted(fields, key=lambda one: one.share - one.needed)
                ),
            )  # fmt: skip


def _how_full(one: Check) -> str:
    return (
        "never filled" if one.share < NEVER_FILLED else f"{one.share:.1%} filled, {one.needed:.0%} required"
    )
