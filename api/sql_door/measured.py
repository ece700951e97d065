"""MEASURE(metric), and MEASURE(metric, comparison) for the columns that a comparison adds beside it.

    MEASURE(mqls)                            the number
    MEASURE(mqls, previous_year)             the number a year before
    MEASURE(mqls, previous_year, change)     how far the number is from it, as a share of it
    MEASURE(mqls, target, status)            green, amber or red

The words are those of `compare` in a question, and the numbers are its columns.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from api.sql_door.catalog import Catalog
from api.sql_door.refused import Refused
from semantic.errors import nearest
from semantic.query import Comparison

PARTS: dict[Comparison, tuple[str, ...]] = {
    "previous_period": ("difference", "change"),
    "previous_year": ("difference", "change"),
    "target": ("difference", "attainment", "status"),
    "as_reported": ("difference", "change", "definition"),
}
"""What a comparison shows beside the other number itself."""


@dataclass(frozen=True)
class Measured:
    """A metric's number, or a part of its comparison."""

    metric: str
    compare: Comparison | None = None
    part: str | None = None

    @property
    def column(self) -> str:
        """The column of the engine's answer that holds it."""
        beside = self.part or self.compare
        return f"{self.metric}__{beside}" if beside else self.metric

    @property
    def name(self) -> str:
        """Its name among a statement's columns."""
        return "__".join(filter(None, (self.metric, self.compare, self.part)))


def read_measure(node: exp.Expr, catalog: Catalog) -> Measured:
    """Read MEASURE(...); every word of it must be known."""
    words = [_word(argument) for argument in node.expressions]
    if not 1 <= len(words) <= 3 or not all(words) or not isinstance(node.expressions[0], exp.Column):
        raise Refused(
            f"{node.sql(dialect='postgres')[:80]}: write MEASURE(metric), with a metric's bare name, or "
            "MEASURE(metric, previous_year) and MEASURE(metric, previous_year, change) for a comparison."
        )
    metric, *beside = map(str, words)
    _check_metric(metric, catalog)
    if not beside:
        return Measured(metric)
    compare = next((kind for kind in PARTS if kind == beside[0]), None)
    if compare is None:
        raise _unknown(beside[0], tuple(PARTS), "comparison", "MEASURE(metric, comparison)")
    part = beside[1] if len(beside) > 1 else None
    if part is not None and part not in PARTS[compare]:
        raise _unknown(part, PARTS[compare], f"part of {compare}", f"MEASURE(metric, {compare}, part)")
    return Measured(metric, compare, part)


def measured_name(node: exp.Expr) -> str:
    """The name of a MEASURE(...) that was read before."""
    return "__".join(str(_word(argument)) for argument in node.expressions)


def compared_with(measures: Collection[Measured]) -> Comparison | None:
    """The one comparison of a SELECT."""
    kinds = tuple(dict.fromkeys(m.compare for m in measures if m.compare))
    if len(kinds) > 1:
        raise Refused(
            f"A SELECT compares with one thing, and this one with {' and '.join(kinds)}: send a statement for each."
        )
    return kinds[0] if kinds else None


def _word(node: exp.Expr) -> str | None:
    """A bare name or a quoted text."""
    if isinstance(node, exp.Column) and not node.table:
        return str(node.name)
    return str(node.this).lower() if isinstance(node, exp.Literal) and node.is_string else None


def _check_metric(name: str, catalog: Catalog) -> None:
    """Refuse an unknown metric; a column's name in the answers of other doors is told how to write it."""
    metric, _, beside = name.partition("__")
    if metric in catalog.metrics and name not in catalog.metrics:
        kinds = [kind for kind, parts in PARTS.items() if beside == kind or beside in parts]
        written = [
            f"MEASURE({metric}, {k})" if k == beside else f"MEASURE({metric}, {k}, {beside})" for k in kinds
        ]
        if written:
            raise Refused(
                f"There is no metric {name!r}: write {' or '.join(written)}.", written, "unknown_metric"
            )
    catalog.check_metric(name)


def _unknown(word: str, known: tuple[str, ...], kind: str, form: str) -> Refused:
    near = nearest(word, known) or known
    return Refused(f"There is no {kind} {word!r} in {form}: it is one of {', '.join(known)}.", near)
