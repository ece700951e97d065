"""What a dialect says differently: one rule a function, applied to the finished tree in a visible order."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic.errors import Refusal

GRAINS_OF_STARTS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
Rule = Callable[[exp.Expr], exp.Expr]


def adapted(tree: exp.Expr, dialect: str) -> exp.Expr:
    """The tree as this dialect needs it."""
    for rule in RULES.get(dialect, ()):
        tree = tree.transform(rule, copy=False)
    return cut_as_dates(tree) if dialect == "duckdb" else tree


def cut_as_dates(tree: exp.Expr) -> exp.Expr:
    """DuckDB cuts a date faster than an instant, and the start of a month is that of the day in it."""
    for node in tree.find_all(exp.TimestampTrunc):
        cast = node.this
        is_instant = isinstance(cast, exp.Cast) and cast.to.this == exp.DType.TIMESTAMP
        if is_instant and isinstance(node.parent, exp.Cast) and node.parent.to.this == exp.DType.DATE:
            cast.to.set("this", exp.DType.DATE)
    return tree


def weeks_from_monday(node: exp.Expr) -> exp.Expr:
    """BigQuery's WEEK begins on Sunday; ISOWEEK is ours. Timestamps without a zone are its DATETIME."""
    if not isinstance(node, exp.TimestampTrunc):
        return node
    unit = "ISOWEEK" if node.text("unit").upper() == "WEEK" else node.text("unit").upper()
    return exp.DatetimeTrunc(this=node.this, unit=exp.var(unit))


def counted_intervals(node: exp.Expr) -> exp.Expr:
    """BigQuery writes the count of an interval as a number, and moves a DATETIME by a function."""
    if isinstance(node, exp.Sub | exp.Add) and isinstance(node.expression, exp.Interval):
        interval = node.expression
        count = exp.Literal.number(interval.this.this)
        kind = exp.DatetimeSub if isinstance(node, exp.Sub) else exp.DatetimeAdd
        return kind(this=node.this, expression=count, unit=interval.args["unit"])
    return node


def dates_with_datetimes(node: exp.Expr) -> exp.Expr:
    """BigQuery compares like with like: a moved day is a DATETIME, and so must the day beside it be."""
    if isinstance(node, exp.LTE | exp.GTE | exp.LT | exp.GT | exp.EQ):
        sides = (node.this, node.expression)
        moved = [isinstance(side, exp.DatetimeSub | exp.DatetimeAdd) for side in sides]
        if any(moved) and not all(moved):
            kind = exp.DataType.build("TIMESTAMP")
            left, right = (
                side if is_moved else exp.cast(side, kind)
                for side, is_moved in zip(sides, moved, strict=True)
            )
            return type(node)(this=left, expression=right)
    return node


def zones_of_datetimes(node: exp.Expr) -> exp.Expr:
    """BigQuery: a UTC DATETIME as the wall clock of a zone shows it."""
    if isinstance(node, exp.ConvertTimezone):
        instant = exp.Timestamp(this=node.args["timestamp"], zone=node.args["source_tz"])
        return exp.Anonymous(this="DATETIME", expressions=[instant, node.args["target_tz"]])
    return node


def running_without_missing(node: exp.Expr) -> exp.Expr:
    """BigQuery cannot say where missing periods stand in a running number, which has none."""
    if isinstance(node, exp.Window) and node.args.get("spec"):
        for ordered in node.args["order"].expressions:
            ordered.set("nulls_first", True)
    return node


def no_exact_percentile(node: exp.Expr) -> exp.Expr:
    """BigQuery has exact percentiles over windows only: an estimate in their place would be a wrong number."""
    if isinstance(node, exp.WithinGroup):
        raise Refusal(
            "BigQuery has no exact percentile or median over groups. Declare the measure's percentile as "
            "`approximate: true` if an estimate will do."
        )
    return node


def exact_for_approximate(node: exp.Expr) -> exp.Expr:
    """Where there is no estimate, the exact number is one."""
    if isinstance(node, exp.ApproxDistinct):
        return exp.Count(this=exp.Distinct(expressions=[node.this]))
    if isinstance(node, exp.ApproxQuantile):
        order = exp.Order(expressions=[exp.Ordered(this=node.this)])
        return exp.WithinGroup(this=exp.PercentileCont(this=node.args["quantile"]), expression=order)
    return node


def spelled_null_safe(node: exp.Expr) -> exp.Expr:
    """Redshift has no IS NOT DISTINCT FROM."""
    if not isinstance(node, exp.NullSafeEQ):
        return node
    left, right = node.this, node.expression
    both = exp.and_(*(exp.Is(this=side.copy(), expression=exp.Null()) for side in (left, right)), copy=False)
    equal = exp.EQ(this=left, expression=right)
    return exp.Paren(this=exp.Or(this=equal, expression=exp.Paren(this=both)))


def counted_from_starts(node: exp.Expr) -> exp.Expr:
    """PostgreSQL tells how much time passed; meant is how often the unit changed, as between two starts of one."""
    unit = node.text("unit").upper()
    if isinstance(node, exp.DateDiff) and unit in GRAINS_OF_STARTS:
        for key in ("this", "expression"):
            if not node.args[key].is_type("DATE"):
                start = exp.TimestampTrunc(this=exp.cast(node.args[key], "TIMESTAMP"), unit=exp.var(unit))
                node.set(key, start)
    return node


def divided_as_doubles(node: exp.Expr) -> exp.Expr:
    """Snowflake divides exact numbers to six digits."""
    if isinstance(node, exp.Div) and not isinstance(node.this, exp.Cast):
        node.set("this", exp.cast(node.this, "DOUBLE"))
    return node


def called_zones(node: exp.Expr) -> exp.Expr:
    """Redshift converts zones by a function."""
    if isinstance(node, exp.ConvertTimezone):
        arguments = [node.args[key] for key in ("source_tz", "target_tz", "timestamp")]
        return exp.Anonymous(this="CONVERT_TIMEZONE", expressions=arguments)
    return node


RULES: dict[str, tuple[Rule, ...]] = {
    "bigquery": (
        no_exact_percentile,
        running_without_missing,
        weeks_from_monday,
        zones_of_datetimes,
        counted_intervals,
        dates_with_datetimes,
    ),
    "postgres": (exact_for_approximate, counted_from_starts),
    "snowflake": (divided_as_doubles,),
    "redshift": (exact_for_approximate, spelled_null_safe, called_zones),
}
TYPED_MISSING = ("postgres", "redshift")  # there, a union of three needs to know the type of a bare NULL
