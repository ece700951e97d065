"""Draw conditions in MetricFlow's Jinja: on dimensions, times, entities and metrics, alone and combined."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

Item = list[Any]
DATES = ("2019-12-20", "2020-01-01", "2020-01-02", "2020-02-01", "2020-06-15")
OPERATORS = (">=", "<", "=", "!=", "<=", ">", "<>")


@dataclass(frozen=True)
class Filters:
    """What conditions can be made of: the items that a question may use and values that occur."""

    items: list[Item]
    values: dict[str, list[Any]] = field(default_factory=dict)

    def draw(self, chance: random.Random) -> str | list[str]:
        """One condition, two joined by and/or, or a list of two."""
        form = chance.random()
        if form < 0.65:
            return self.one(chance)
        first, second = self.one(chance), self.one(chance)
        if form < 0.85:
            return f"{first} {chance.choice(('AND', 'and', 'OR'))} {second}"
        return [first, second] if form < 0.95 else f"NOT ({first} OR {second})"

    def one(self, chance: random.Random) -> str:
        """A condition on one item."""
        kinds = sorted({item[0] for item in self.items})
        weight = {"dimension": 5, "time_dimension": 4, "entity": 2, "metric": 3}
        [kind] = chance.choices(kinds, [weight[kind] for kind in kinds])
        item = chance.choice([item for item in self.items if item[0] == kind])
        if kind == "time_dimension" and chance.random() < 0.5:
            clocks = [each for each in self.items if each[1] == "metric_time"]
            item = chance.choice(clocks or [item])
        return {"dimension": self._member, "time_dimension": time, "entity": self._key, "metric": metric}[
            kind
        ](item, chance)

    def _member(self, item: Item, chance: random.Random) -> str:
        reference = dimension(item[1], chance)
        values = self.values.get(item[1].split("__")[-1], [])
        if values and isinstance(values[0], bool):
            return chance.choice(
                (reference, f"NOT {reference}", f"{reference} IS NULL", f"{reference} = true")
            )
        return compared(reference, values, chance)

    def _key(self, item: Item, chance: random.Random) -> str:
        reference = f"{{{{ Entity('{item[1]}') }}}}"
        return compared(reference, self.values.get(item[1].split("__")[-1], []), chance)


def dimension(name: str, chance: random.Random) -> str:
    """`Dimension('a__b__c')`, or with the first links as its path."""
    *path, last = name.split("__")
    form = chance.random()
    if len(path) > 1 and form < 0.5:
        return f"{{{{ Dimension('{path[-1]}__{last}', entity_path={path[:-1]}) }}}}"
    return (
        f"{{{{ Dimension('{name}', entity_path=()) }}}}" if form > 0.8 else f"{{{{ Dimension('{name}') }}}}"
    )


def compared(reference: str, values: list[Any], chance: random.Random) -> str:
    """A comparison with values that occur."""
    missing = f"{reference} IS {chance.choice(('', 'NOT '))}NULL"
    if not values:
        return missing
    one, two = literal(chance.choice(values)), literal(chance.choice(values))
    forms = [
        missing,
        f"{reference} = {one}",
        f"{reference} {chance.choice(OPERATORS)} {one}",
        f"{reference} IN ({one}, {two})",
        f"{reference} NOT IN ({one})",
        f"{reference} BETWEEN {min(one, two)} AND {max(one, two)}",
        f"({reference} = {one} OR {reference} IS NULL)",
        f"COALESCE({reference}, {one}) = {one}",
    ]
    if isinstance(values[0], str):
        forms += [f"{reference} LIKE '{str(values[0])[:1]}%'", f"lower({reference}) = {one.lower()}"]
    return chance.choice(forms)


def literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def time(item: Item, chance: random.Random) -> str:
    """A condition on a time at a grain or on a part of the date."""
    _, name, grain, part = item
    if part:
        number = {"year": 2020, "quarter": 1, "month": 1, "day": 15, "dow": 5, "doy": 3}[part]
        written = f"Dimension('{name}').date_part('{part}')"
        if chance.random() < 0.4:
            written = f"TimeDimension('{name}', date_part_name='{part}')"
        return f"{{{{ {written} }}}} {chance.choice(OPERATORS)} {number}"
    forms = [f"TimeDimension('{name}', '{grain}')"] * 3 + [f"Dimension('{name}').grain('{grain}')"]
    if grain == "day":
        forms += [f"TimeDimension('{name}')", f"Dimension('{name}')"]
    reference, day = f"{{{{ {chance.choice(forms)} }}}}", chance.choice(DATES)
    return chance.choice(
        (
            f"{reference} {chance.choice(OPERATORS)} '{day}'",
            f"CAST({reference} AS TIMESTAMP) {chance.choice(OPERATORS)} CAST('{day}' AS TIMESTAMP)",
            f"{reference} BETWEEN '{DATES[0]}' AND '{day}'",
            f"{reference} >= '{DATES[1]}' AND {reference} < '{DATES[3]}'",
        )
    )


def metric(item: Item, chance: random.Random) -> str:
    """A condition on a metric by an entity."""
    written = f"Metric('{item[1]}', group_by=['{item[2]}'])"
    if chance.random() < 0.4:
        written = f"Metric('{item[1]}', ['{item[2]}'])"
    return f"{{{{ {written} }}}} {chance.choice(('>', '>=', '<', '='))} {chance.choice((0, 1, 2, 5, 100))}"
