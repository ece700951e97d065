"""Read MetricFlow's filter templates: SQL with `{{ Dimension('listing__country') }}` inside.

The braces are parsed as a Python expression and walked; nothing in them is ever executed.

>>> read_template("{{ Dimension('listing__country') }} = 'us'")
"listing__country = 'us'"
>>> read_template("{{ Metric('bookings', ['listing']) }} > 2")
"METRIC('bookings', 'listing') > 2"
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Literal

from semantic.errors import UserError
from semantic.predicates import GroupBy, parse_group_by

Kind = Literal["dimension", "time_dimension", "entity", "metric"]
_KINDS: dict[str, Kind] = {
    "Dimension": "dimension",
    "TimeDimension": "time_dimension",
    "Entity": "entity",
    "Metric": "metric",
}
_KEYWORDS = {"metric_name": "name", "time_dimension_name": "name", "entity_name": "name"}
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """One `Kind('name', ...)` of a template, with what its arguments and methods added."""

    kind: Kind
    name: str
    grain: str | None = None
    date_part: str | None = None
    entity_path: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    descending: bool = False

    @property
    def dimension(self) -> str:
        """The dunder name: path, name, and the grain or date part."""
        parts = [*self.entity_path, self.name]
        if self.date_part:
            parts.append(f"extract_{self.date_part}")
        elif self.grain and not self.name.endswith(f"__{self.grain}"):
            parts.append(self.grain)
        return "__".join(parts)

    @property
    def grouped(self) -> GroupBy:
        """What a question groups by."""
        if self.date_part:
            return GroupBy("__".join((*self.entity_path, self.name)), date_part=self.date_part)
        return parse_group_by(self.dimension)

    @property
    def condition(self) -> str:
        """How our own condition language writes it."""
        if self.kind != "metric":
            return self.dimension
        return f"METRIC({', '.join(repr(name) for name in (self.name, *self.group_by))})"


def read_template(text: str) -> str:
    """A filter in our own condition language; raises UserError where the braces hold anything else."""
    return _PLACEHOLDER.sub(lambda match: read_reference(match.group(1)).condition, text).strip()


def read_reference(text: str) -> Reference:
    """Read one `Dimension('x').grain('day')` expression."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise _unreadable(text) from error
    return _walk(tree, text)


def _walk(node: ast.expr, text: str) -> Reference:
    """Follow method calls down to the constructor, then apply them on the way back."""
    if not isinstance(node, ast.Call):
        raise _unreadable(text)
    if isinstance(node.func, ast.Attribute):
        return _method(_walk(node.func.value, text), node, node.func.attr, text)
    if isinstance(node.func, ast.Name) and node.func.id in _KINDS:
        return _construct(_KINDS[node.func.id], node, text)
    raise _unreadable(text)


def _method(base: Reference, node: ast.Call, name: str, text: str) -> Reference:
    argument = _literal(node.args[0], text) if node.args else True
    match name:
        case "grain":
            return replace(base, grain=str(argument).lower())
        case "date_part":
            return replace(base, date_part=str(argument).lower())
        case "descending":
            return replace(base, descending=bool(argument))
        case _:
            raise _unreadable(text)


def _construct(kind: Kind, node: ast.Call, text: str) -> Reference:
    """The constructor's positional arguments differ by kind; the keywords are the same everywhere."""
    positions = {
        "dimension": ("name", "entity_path"),
        "entity": ("name", "entity_path"),
        "metric": ("name", "group_by"),
        "time_dimension": (
            "name",
            "time_granularity_name",
            "entity_path",
            "descending",
            "date_part_name",
        ),
    }[kind]
    given = {key: _literal(value, text) for key, value in zip(positions, node.args, strict=False)}
    given |= {
        _KEYWORDS.get(word.arg, word.arg): _literal(word.value, text) for word in node.keywords if word.arg
    }
    if not isinstance(given.get("name"), str):
        raise _unreadable(text)
    return Reference(
        kind=kind,
        name=str(given["name"]).lower(),
        grain=_lower(given.get("time_granularity_name", given.get("grain"))),
        date_part=_lower(given.get("date_part_name", given.get("date_part"))),
        entity_path=_strings(given.get("entity_path")),
        group_by=_strings(given.get("group_by")),
        descending=bool(given.get("descending")),
    )


def _literal(node: ast.expr, text: str) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise _unreadable(text) from error


def _lower(value: object) -> str | None:
    return None if value is None else str(value).lower()


def _strings(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    items = (value,) if isinstance(value, str) else value
    return tuple(str(item).lower() for item in items)  # type: ignore[attr-defined]


def _unreadable(text: str) -> UserError:
    return UserError(
        f"cannot read {text!r} in a MetricFlow filter: write Dimension('entity__name'), "
        "TimeDimension('entity__name', 'grain'), Entity('name') or Metric('name', ['entity'])"
    )
