"""The functions of conditions: which trees of a parsed condition they are read from, and the trees they become.

A function is a name and its arguments. What must not become a value of the question is part of the name: the unit
of `date_trunc_month` and `extract_year`, and the whole of `interval 2 day`. Functions that depend on when they run
(`current_date`) are left out on purpose: the same question has the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

PLAIN = ("lower", "upper", "trim", "coalesce", "abs", "length", "round", "nullif", "floor", "ceil")
LISTED = (
    "concat",
    "substring",
    "left",
    "right",
    "greatest",
    "least",
    "date_trunc",
    "extract",
    "date_diff",
    "str_position",
    "case",
)
FUNCTIONS = (*PLAIN, *LISTED)
BINARY: dict[str, type[exp.Binary]] = {
    "+": exp.Add, "-": exp.Sub, "*": exp.Mul, "/": exp.Div, "%": exp.Mod, "||": exp.DPipe,
}  # fmt: skip
_PARTS: dict[type, str] = {
    exp.Year: "year", exp.Quarter: "quarter", exp.Month: "month", exp.Week: "week", exp.Day: "day",
    exp.DayOfMonth: "day", exp.DayOfWeek: "dow", exp.DayOfYear: "doy", exp.Hour: "hour", exp.Minute: "minute",
    exp.Second: "second",
}  # fmt: skip
UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
PARTS = (*UNITS, "dow", "isodow", "doy")
_SEQUENCES: dict[type, str] = {exp.Concat: "concat", exp.Greatest: "greatest", exp.Least: "least"}
_FIXED: dict[type, tuple[str, tuple[str, ...]]] = {
    exp.DPipe: ("||", ("this", "expression")),
    exp.Left: ("left", ("this", "expression")),
    exp.Right: ("right", ("this", "expression")),
    exp.Substring: ("substring", ("this", "start", "length")),
    exp.StrPosition: ("str_position", ("this", "substr")),
    exp.Floor: ("floor", ("this",)),
    exp.Ceil: ("ceil", ("this",)),
}
Read = tuple[str, list[Any]]


def read_call(tree: Any) -> Read | None:
    """The name of a function and the trees of its arguments, or None where the tree is no such function.

    >>> import sqlglot
    >>> read_call(sqlglot.parse_one("date_trunc('month', day)", dialect="duckdb"))[0]
    'date_trunc_month'
    """
    kind = type(tree)
    if kind in _SEQUENCES:
        return _SEQUENCES[kind], [each for each in (tree.args.get("this"), *tree.expressions) if each]
    if kind in _FIXED:
        name, keys = _FIXED[kind]
        unread = {key for key, value in tree.args.items() if isinstance(value, exp.Expression)} - set(keys)
        return None if unread else (name, [tree.args[key] for key in keys if tree.args.get(key)])
    if kind in (exp.Case, exp.If):
        return _read_case(tree)
    return _read_interval(tree) if kind is exp.Interval else _read_time(tree)


def _read_time(tree: Any) -> Read | None:
    """Functions with a unit or a part in their name."""
    kind = type(tree)
    if kind in (exp.TimestampTrunc, exp.DateTrunc):
        return _named("date_trunc", tree.args.get("unit"), UNITS, [tree.this])
    if kind is exp.Extract:
        return _named("extract", tree.this, PARTS, [tree.expression])
    if kind in _PARTS:
        return f"extract_{_PARTS[kind]}", [tree.this]
    if kind is exp.DateDiff:
        return _named("date_diff", tree.args.get("unit"), UNITS, [tree.expression, tree.this])
    if kind is exp.Anonymous and tree.name.lower() == "date_part" and len(tree.expressions) == 2:
        return _named("extract", tree.expressions[0], PARTS, [tree.expressions[1]])
    return None


def _named(name: str, unit: Any, known: Sequence[str], arguments: list[Any]) -> Read | None:
    word = unit.name.lower() if isinstance(unit, exp.Expression) else ""
    return (f"{name}_{word}", arguments) if word in known else None


def _read_interval(tree: exp.Interval) -> Read | None:
    count, unit = tree.this, tree.args.get("unit")
    word = unit.name.lower().rstrip("s") if isinstance(unit, exp.Expression) else ""
    if word not in UNITS or not isinstance(count, exp.Literal) or not count.name.isdigit():
        return None
    return f"interval {int(count.name)} {word}", []


def _read_case(tree: Any) -> Read:
    """Conditions and values in turn, and the value where none holds."""
    arguments = []
    for each in tree.args.get("ifs") or [tree]:
        condition = each.this
        if isinstance(tree, exp.Case) and tree.this:
            condition = exp.EQ(this=tree.this.copy(), expression=each.this)
        arguments += [condition, each.args["true"]]
    default = tree.args.get("default") or tree.args.get("false")
    return "case", [*arguments, default or exp.Null()]


def call_sql(name: str, arguments: list[exp.Expr]) -> exp.Expr:
    """The tree of a function over the trees of its arguments."""
    if name in ("/", "%"):
        return exp.Paren(this=_divided(name, *arguments))
    if name in BINARY:
        return exp.Paren(this=BINARY[name](this=arguments[0], expression=arguments[1]))
    if name.startswith("interval "):
        _, count, unit = name.split()
        return exp.Interval(this=exp.Literal.string(count), unit=exp.var(unit.upper()))
    if name == "case":
        whens = [
            exp.If(this=condition, true=chosen)
            for condition, chosen in zip(arguments[:-1:2], arguments[1::2], strict=True)
        ]
        return exp.Case(ifs=whens, default=arguments[-1])
    if name == "concat":
        return exp.Concat(expressions=arguments, safe=True, coalesce=True)
    if name in ("greatest", "least"):
        of = exp.Greatest if name == "greatest" else exp.Least
        return of(this=arguments[0], expressions=arguments[1:], ignore_nulls=True)
    if name in PLAIN or name in LISTED:
        return exp.func(name, *arguments)
    stem, unit = name.rsplit("_", 1)
    return _time_sql(stem, unit, arguments)


def _divided(name: str, top: exp.Expr, bottom: exp.Expr) -> exp.Expr:
    """By nothing is missing, in every dialect: not infinite, and no failure; 5 / 2 is 2.5 everywhere."""
    if name == "%":
        return exp.Mod(this=top, expression=exp.Nullif(this=bottom, expression=exp.Literal.number(0)))
    double = exp.DataType.build("DOUBLE")
    bottom = exp.Nullif(this=exp.cast(bottom, double), expression=exp.Literal.number(0))
    return exp.Div(this=exp.cast(top, double), expression=bottom)


def _time_sql(name: str, unit: str, arguments: list[exp.Expr]) -> exp.Expr:
    if name == "extract":
        return exp.Extract(this=exp.var(unit.upper()), expression=arguments[0])
    word = exp.var(unit.upper())
    if name == "date_diff":
        return exp.DateDiff(this=arguments[1], expression=arguments[0], unit=word)
    return exp.TimestampTrunc(this=arguments[0], unit=word)


def call_text(name: str, arguments: list[str]) -> str:
    """A function as a condition writes it.

    >>> call_text("extract_year", ["day"])
    'extract(year from day)'
    """
    if name in BINARY:
        return f"({f' {name} '.join(arguments)})"
    if name.startswith("interval "):
        return name
    if name == "case":
        pairs = zip(arguments[:-1:2], arguments[1::2], strict=True)
        whens = " ".join(f"when {condition} then {chosen}" for condition, chosen in pairs)
        return f"case {whens} else {arguments[-1]} end"
    if name in PLAIN or name in LISTED:
        return f"{name}({', '.join(arguments)})"
    stem, unit = name.rsplit("_", 1)
    if stem == "extract":
        return f"extract({unit} from {arguments[0]})"
    return f"{stem}('{unit}', {', '.join(arguments)})"
