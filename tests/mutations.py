"""Break each of the compiler's rules in turn, in a copy, and see whether the suite notices.

    python -m tests.mutations [--only NAME] [--skip N]

Exits 1 if a mutant survives. A mutation whose text is no longer found is an error of this file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.shared import ROOT

#: The file that notices most comes first.
SUITE = (
    "tests/semantic/test_hostile_questions.py",
    "tests/semantic",
    "tests/oracle",
    "tests/exams/test_metricflow.py",
)


@dataclass(frozen=True)
class Mutation:
    """`old` becomes `new` in `file`: which rule that breaks is its name."""

    name: str
    file: str
    old: str
    new: str


SCAN, SHIFT, PAIRED = (f"semantic/compile/{name}.py" for name in ("scan", "shift", "paired"))
ANSWER, SPINE, AGGREGATES = (f"semantic/compile/{name}.py" for name in ("answer", "spine", "aggregates"))
EXPRESSIONS, SPREAD = "semantic/compile/expressions.py", "semantic/compile/spread.py"
ROLLUPS, TOTALS, DRILL = (f"semantic/{name}.py" for name in ("rollups", "totals", "drill"))
RIGHTS, SHIFTS = "semantic/rights.py", "semantic/shifts.py"
CLOSED, DAYS = "semantic/closed_metrics.py", "semantic/compile/days.py"
PLANNER, EXPAND, SHAPE, PATHS = (f"semantic/{name}.py" for name in ("planner", "expand", "shape", "paths"))
MERGE, RUNNING, CHECK = (f"semantic/{name}.py" for name in ("merge", "running", "rollup_check"))
CONDITIONS = "semantic/conditions.py"

MUTATIONS = (
    Mutation(
        "a fact without a partner is dropped", SCAN, 'join_type: str = "left"', 'join_type: str = "inner"'
    ),
    Mutation("the first day of a range is left out", SCAN, "found.append(exp.GTE(", "found.append(exp.GT("),
    Mutation("the last day of a range is left out", SHAPE, "dt.timedelta(days=1)", "dt.timedelta(days=0)"),
    Mutation(
        "the day after a range is taken in", SCAN, "exp.LT(this=time.copy()", "exp.LTE(this=time.copy()"
    ),
    Mutation("a window is a day longer", SHIFT, "bounds.append(exp.GT(", "bounds.append(exp.GTE("),
    Mutation("a window leaves out its own day", SHIFT, "exp.LTE(this=data", "exp.LT(this=data"),
    Mutation("to date is all time", SHIFT, "elif shift.sliding.grain_to_date is not None", "elif False"),
    Mutation(
        "an own offset moves after the comparison", SHIFT, "in reversed(shift.moved):", "in shift.moved:"
    ),
    Mutation("days of a longer period all count", SHIFTS, "sliding=sliding, pick=True)", "sliding=sliding)"),
    Mutation("models are added up in totals", TOTALS, "dropped & apart(name)", "dropped & set()"),
    Mutation(
        "by nothing is infinite",
        "semantic/functions.py",
        "return exp.Div(this=exp.cast(top, double), expression=bottom)",
        "return exp.Div(this=exp.cast(top, double), expression=bottom.this)",
    ),
    Mutation("an offset looks forward", SHIFT, "time = plus(time, window)", "time = minus(time, window)"),
    Mutation("the first day of a period is its last", SCAN, 'period_agg == "last"', 'period_agg == "first"'),
    Mutation(
        "a balance is taken at the other end", SCAN, 'balance.choice == "min"', 'balance.choice == "max"'
    ),
    Mutation("conversions go to the first visit", PAIRED, "desc=True", "desc=False"),
    Mutation("a conversion counts for each visit", PAIRED, ".where(latest, copy=False)", ""),
    Mutation("a visit of the same day is no visit", PAIRED, "before = exp.LTE(", "before = exp.LT("),
    Mutation("a conversion window never ends", PAIRED, "if paired.window is not None", "if False"),
    Mutation(
        "a join repeats the fact",
        SCAN,
        "inner.distinct(copy=False) if scan.fact_key",
        "inner if scan.fact_key",
    ),
    Mutation("distinct counts count rows", AGGREGATES, "exp.Distinct(expressions=[node])", "node"),
    Mutation(
        "division by zero is infinite",
        ANSWER,
        'return exp.Div(this=cast(top, "DOUBLE"), expression=bottom)',
        'return exp.Div(this=cast(top, "DOUBLE"), expression=bottom.this)',
    ),
    Mutation(
        "facts do not meet under a missing key",
        ANSWER,
        "own: list[exp.Expr] = [column(key, name)",
        "own: list[exp.Expr] = [alias(exp.Coalesce(this=exp.cast(column(key, name), exp.DataType.build('TEXT')),"
        " expressions=[exp.Literal.string(name)]), key)",
    ),
    Mutation(
        "a metric's own filter is forgotten",
        EXPAND,
        "filters = (*metric.filters, *filters)",
        "filters = filters",
    ),
    Mutation(
        "the question's filter is forgotten", CONDITIONS, "return (*own, *in_question,", "return (*own,"
    ),
    Mutation(
        "the principal sees every row", CONDITIONS, "*required, *row_filters(asked, builder))", "*required)"
    ),
    Mutation("rows of other partitions are joined", SCAN, ", *join.partitions]", "]"),
    Mutation("history is joined without its dates", SCAN, "if join.validity is not None", "if False"),
    Mutation("a group of another metric counts 0", AGGREGATES, "item.filled or not grouped", "True"),
    Mutation(
        "a shared scan shows groups of no metric", MERGE, "either=() if () in rests else", "either=() and"
    ),
    Mutation("metrics share rows that one leaves out", MERGE, "if fewer <= conditions", "if True"),
    Mutation("two running numbers meet on one day", SHIFT, "after = exp.GT(", "after = exp.GTE("),
    Mutation("a mean of all time is added up", RUNNING, '"max": "max"}', '"max": "max", "average": "sum"}'),
    Mutation("a member counts when it was last seen", SCAN, "first = exp.Min(", "first = exp.Max("),
    Mutation("a rollup that is behind is read", CHECK, "return frozenset(\n", "return frozenset() and (\n"),
    Mutation("empty periods are not shown", SPINE, 'join_type="left"', 'join_type="inner"'),
    Mutation("one of several paths is guessed", PATHS, "if len(shortest) > 1:", "if False:"),
    Mutation(
        "a rollup of some rows answers for all",
        ROLLUPS,
        "if not set(self.rollup.filters) <= stated:",
        "if False:",
    ),
    Mutation("months are made of whole weeks", ROLLUPS, '"week": ("week",)', '"week": ("week", "month")'),
    Mutation("a rollup's own rows are counted", ROLLUPS, '"count": "sum_of_counts"', '"count": "count"'),
    Mutation(
        "a join finds the rollup by the fact's own column",
        ROLLUPS,
        "if join.parent == self.scan.alias else join",
        "if False else join",
    ),
    Mutation(
        "a target's every day is the whole",
        SPREAD,
        "return exp.Sub(this=due, expression=_due(amount, before, days))",
        "return amount",
    ),
    Mutation("a subtotal forgets who is on top", TOTALS, "top=query.top if shows_top else None", "top=None"),
    Mutation("a total is of a page of rows", TOTALS, "limit=None, offset=0", "limit=query.limit, offset=0"),
    Mutation(
        "a share is of the group itself",
        ANSWER,
        "column(formula.metric, columns.total))",
        "formula_sql(formula.formula, columns))",
    ),
    Mutation(
        "a total's filter is forgotten",
        PLANNER,
        "self.query, group_by=(), share_of_total=()",
        "self.query, where=(), group_by=(), share_of_total=()",
    ),
    Mutation("the others keep their names", EXPRESSIONS, "else_(exp.Literal.string(other))", "else_(member)"),
    Mutation(
        "who is left out is shown",
        ANSWER,
        'on=on, join_type="inner"',
        'on=on, join_type="left"',
    ),
    Mutation("a masked column is among the rows", DRILL, "if not _shows(expr, hidden)", "if True"),
    Mutation(
        "the rows of a part are shown with the whole",
        DRILL,
        "planner.rights.check_metric(leaf.metric)",
        "pass",
    ),
    Mutation(
        "the rows behind a balance are of every day",
        DRILL,
        "if scan.balance:\n        outer",
        "if False:\n        outer",
    ),
    Mutation(
        "what is made of the denied is granted",
        RIGHTS,
        "(*role.denied_metrics, *made)",
        "role.denied_metrics",
    ),
    Mutation(
        "an earlier range meets a day twice",
        SHIFTS,
        "return any(key.grain in GRAINS and",
        "return True or any(key.grain in GRAINS and",
    ),
    Mutation(
        "a month's earlier running number is of the day a month before",
        SHIFTS,
        "if pick and leaf.offsets and _whole_periods(glossary, leaf):",
        "if False:",
    ),
    Mutation(
        "a part of a quarter is reported as the whole", CLOSED, "if available.issuperset(months)", "if True"
    ),
    Mutation(
        "what does not add up is added up from closed numbers",
        CLOSED,
        "if item.additive\n            and",
        "if True\n            and",
    ),
    Mutation(
        "a row filter does not hold for closed numbers",
        CLOSED,
        "if all(met(condition, members) for condition in wanted.by_rows)",
        "if True",
    ),
    Mutation("several closed rows are one number", CLOSED, "and need <= _fixed(wanted)", ""),
    Mutation("an own period begins with time", DAYS, "partition_by=[own.copy()]", "partition_by=[]"),
    Mutation(
        "a start is shown for each day of a range",
        SHIFTS,
        "at_start = not coarse and",
        "at_start = False and",
    ),
)


def survives(mutation: Mutation, folder: Path) -> bool:
    """Whether the suite passes with the rule broken."""
    file = folder / mutation.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutation.old) < 1:
        raise SystemExit(f"{mutation.name!r}: {mutation.old!r} is no longer in {mutation.file}")
    file.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")
    try:
        return passes(folder)
    finally:
        file.write_text(text, encoding="utf-8")


def passes(folder: Path) -> bool:
    """Whether the suite passes in the copy as it is."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *SUITE]
    environment = os.environ | {"PYTHONPATH": str(folder), "TOUCHSTONE_FUZZ": "0.3"}
    return (
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False).returncode == 0
    )


def copied(to: Path) -> Path:
    """The project's code and tests in a folder of their own, beside the shared data."""
    for name in ("semantic", "tests", "pyproject.toml", "infra", "api", "ingest"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)
    return to


def main() -> int:
    """Try every mutation; print what happened to each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutations whose name contains this")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first so many")
    options = parser.parse_args()
    alive = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = copied(Path(temporary))
        if not passes(folder):
            raise SystemExit("The suite fails in the copy with nothing broken: it would notice anything.")
        for mutation in (each for each in MUTATIONS[options.skip :] if options.only in each.name):
            lives = survives(mutation, folder)
            alive += lives
            print(f"{'SURVIVED' if lives else 'noticed '}  {mutation.name}", flush=True)
    print(f"{alive} of {len(MUTATIONS)} survived")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
