"""A plan in words: what is counted, from where, over which joins, under which conditions."""

from __future__ import annotations

from typing import Any

from semantic.plan import Answer, Members, Paired, Reach, Shift, Slot, Source, SpineFill
from semantic.predicates import (
    And,
    Between,
    Call,
    Compare,
    DimensionRef,
    In,
    IsNull,
    Like,
    Literal,
    MetricRef,
    Not,
    Or,
)


def explain(plan: Answer) -> str:
    """Say how the answer is made, one step a line."""
    lines: list[str] = []
    for number, source in enumerate(plan.sources, 1):
        lines.extend(
            f"{number}. {line}" if not index else f"   {line}" for index, line in enumerate(_source(source))
        )
    step = len(plan.sources) + 1
    if len(plan.sources) > 1:
        keys = ", ".join(plan.keys) or "one row"
        lines.append(
            f"{step}. Stack these facts and group them again by {keys}; missing keys meet missing keys."
        )
        step += 1
    names = ", ".join(output.name for output in plan.outputs)
    if names:
        lines.append(f"{step}. Work out {names} from these, last, at the asked grain.")
    lines.extend(f"Note: {note}" for note in plan.notes)
    return "\n".join(lines)


def _source(source: Source) -> list[str]:
    if isinstance(source, SpineFill):
        return [*_source(source.inner), f"with a row for every period of {source.spine.relation}"]
    if isinstance(source, Paired):
        window = f"within {source.window}" if source.window else "at any time"
        base, conversion = source.base.relation, source.conversion.relation
        return [
            *_source(source.conversion),
            f"each row of {conversion} counted once, with the latest row of {base} before it {window}",
        ]
    if isinstance(source, Members):
        return [f"the members found in {source.scan.relation}"]
    lines = []
    for item in source.aggregates:
        if source.literal is not None:
            how = "the sum of " if item.agg == "sum" else ""
            lines.append(f"{item.column} is {how}{source.literal.words}")
            continue
        words = " and ".join(condition_words(condition.predicate) for condition in item.conditions)
        lines.append(
            f"{item.column} is the {item.agg.replace('_', ' ')} of {item.expr} over {source.relation}"
            + (f", only where {words}" if words else "")
        )
    data = source.of or source
    for join in data.joins:
        kind = "to the many side of" if join.reverse else "many-to-one to"
        lines.append(f"joined {kind} {join.relation} on {join.entity} (as {join.alias})")
    lines.extend(f"shown by {name}: {_reach(reach)}" for name, reach in source.keys)
    conditions = (*data.conditions, *source.conditions) if source.of else source.conditions
    lines.extend(f"only where {condition_words(condition.predicate)}" for condition in conditions)
    if source.range is not None:
        lines.append(f"only within the time range, by {source.clock.expr if source.clock else 'its clock'}")
    if source.shift is not None:
        lines.append(_shift(source.shift))
    if source.balance is not None:
        which = "last" if source.balance.choice == "max" else "first"
        lines.append(f"only at the {which} {source.balance.time.expr} of each period shown")
    lines.extend(source.notes)
    if source.fact_key:
        lines.append(f"each {source.fact_key} counted once per group")
    return lines


def _reach(reach: Reach) -> str:
    grain = f" by {reach.grain}" if reach.grain else ""
    zone = f" in {reach.zone}" if reach.zone else ""
    return f"{reach.expr} of {reach.alias}{grain}{zone}"


def _shift(shift: Shift) -> str:
    """Which other time the data is taken from."""
    if shift.sliding is not None:
        window = shift.sliding.window or (
            f"{shift.sliding.grain_to_date} to date" if shift.sliding.grain_to_date else ""
        )
        by = [str(window) for window in shift.moved]
        if shift.calendar_offset is not None:
            by.append(f"{shift.calendar_offset.count} {shift.calendar_offset.column}")
        later = f", shown {' and '.join(by)} later" if by else ""
        return f"collected over {window or 'all that came before'}, shown by {shift.grain}{later}"
    if shift.calendar_offset is not None:
        return f"shown {shift.calendar_offset.count} {shift.calendar_offset.column} later than it happened"
    if shift.moved:
        return f"shown {' and '.join(map(str, shift.moved))} later than it happened"
    back = [str(o.window) if o.window else f"to the start of the {o.to_grain}" for o in shift.offsets]
    return f"looked at {' and '.join(back)} before the {shift.grain} that is shown"


def condition_words(node: Any) -> str:
    """A condition as one would write it; a value of the question is `?`, for the plan serves every value."""
    if isinstance(node, And | Or):
        return (" and " if isinstance(node, And) else " or ").join(
            f"({condition_words(i)})" for i in node.items
        )
    if isinstance(node, Not):
        return f"not ({condition_words(node.item)})"
    if isinstance(node, Compare):
        return f"{condition_words(node.left)} {node.op} {condition_words(node.right)}"
    if isinstance(node, In):
        return f"{condition_words(node.operand)} in ({', '.join(map(condition_words, node.values))})"
    if isinstance(node, Between):
        return f"{condition_words(node.operand)} between {condition_words(node.low)} and {condition_words(node.high)}"
    if isinstance(node, Like):
        return f"{condition_words(node.operand)} like {condition_words(node.pattern)}"
    if isinstance(node, IsNull):
        return f"{condition_words(node.operand)} is missing"
    return _operand_words(node)


def _operand_words(node: Any) -> str:
    if isinstance(node, DimensionRef):
        return node.dimension.text
    if isinstance(node, MetricRef):
        return f"{node.metric} by {', '.join(item.text for item in node.by)}"
    if isinstance(node, Literal):
        return "?" if isinstance(node.value, Slot) else repr(node.value)
    if isinstance(node, Call):
        return f"{node.function}({', '.join(map(condition_words, node.arguments))})"
    return condition_words(node.operand)
