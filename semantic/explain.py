"""A plan in words: what is counted, from where, over which joins, under which conditions."""

from __future__ import annotations

from semantic.plan import Answer, Members, Paired, Reach, Source, SpineFill


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
        lines.append(
            f"{item.column} is the {item.agg.replace('_', ' ')} of {item.expr} over {source.relation}"
        )
    for join in source.joins:
        kind = "to the many side of" if join.reverse else "many-to-one to"
        lines.append(f"joined {kind} {join.relation} on {join.entity} (as {join.alias})")
    lines.extend(f"shown by {name}: {_reach(reach)}" for name, reach in source.keys)
    if source.conditions:
        lines.append(f"under {len(source.conditions)} conditions")
    lines.extend(source.notes)
    if source.fact_key:
        lines.append(f"each {source.fact_key} counted once per group")
    return lines


def _reach(reach: Reach) -> str:
    grain = f" by {reach.grain}" if reach.grain else ""
    zone = f" in {reach.zone}" if reach.zone else ""
    return f"{reach.expr} of {reach.alias}{grain}{zone}"
