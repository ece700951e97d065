"""The glossary as pages to read: one an area with a section a metric, the dimensions, and the sign-off sheet.

`glossary_pages` is a pure function of the glossary, so that a test can tell whether the pages are fresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from semantic.definitions import Glossary, Metric, SharedDimension, Simple
from semantic.errors import Ambiguous
from semantic.fingerprint import required_roles, standing
from semantic.interop.words import recipe_words
from semantic.paths import find

GENERATED = "<!-- Written from semantic/glossary by `make docs`: change the YAML, not this page. -->"
FORMATS = {
    "number": "a number",
    "integer": "a count",
    "currency": "money, in {currency}",
    "percent": "a share, shown in percent",
    "days": "days",
}


def glossary_pages(glossary: Glossary) -> dict[str, str]:
    """Every page by its file's name."""
    pages = {
        "README.md": _index(glossary),
        "dimensions.md": _dimensions(glossary),
        "sign-off.md": _sign_off(glossary),
    }
    for area in _areas(glossary):
        pages[f"{area}.md"] = _area(area, glossary)
    return {name: f"{GENERATED}\n\n{text.rstrip()}\n" for name, text in pages.items()}


def _areas(glossary: Glossary) -> list[str]:
    return list(dict.fromkeys(metric.area or "other" for metric in _listed(glossary)))


def _listed(glossary: Glossary) -> list[Metric]:
    return sorted(glossary.metrics.values(), key=lambda metric: (metric.area, metric.private, metric.name))


def _index(glossary: Glossary) -> str:
    rows = [
        (f"[`{metric.name}`]({_link(metric)})", metric.label, metric.area, _sentence(metric.definition))
        for metric in _listed(glossary)
        if not metric.private
    ]
    return "\n\n".join(
        [
            "# The glossary",
            "Every number has one definition, and every door answers with it: dashboards, spreadsheets, "
            "the API and the command line. By what a number can be cut is in [dimensions](dimensions.md); "
            "who has signed which meaning is in [sign-off](sign-off.md).",
            _table(("metric", "label", "area", "definition"), rows),
        ]
    )


def _area(area: str, glossary: Glossary) -> str:
    metrics = [metric for metric in _listed(glossary) if (metric.area or "other") == area]
    return "\n\n".join([f"# {area.capitalize()}", *(_section(metric, glossary) for metric in metrics)])


def _section(metric: Metric, glossary: Glossary) -> str:
    facts = "\n".join(f"* **{name}**: {text}" for name, text in _facts(metric, glossary))
    parts = [f"## {metric.name}", f"**{metric.label}.** {metric.definition}", facts, metric.notes]
    return "\n\n".join(part for part in parts if part)


def _facts(metric: Metric, glossary: Glossary) -> Iterator[tuple[str, str]]:
    current = standing(metric, glossary)
    yield "made of", recipe_words(metric, glossary)
    unit = FORMATS.get(metric.format, metric.format).format(currency=glossary.settings.reporting_currency)
    yield "unit", f"{unit}{f'; {metric.better} is better' if metric.better else ''}"
    yield "by", ", ".join(f"`{name}`" for name in dimensions_of_metric(metric, glossary)) or "nothing"
    for name, default in _required(metric, glossary):
        yield "needs", f"one `{name}`: fixed, grouped by, or else `{default}`"
    if metric.target:
        shares = ", ".join(f"{colour} at {share:g}" for colour, share in metric.thresholds)
        yield "target", f"`{metric.target}`{f'; {shares} of it' if shares else ''}"
    yield "owner", metric.owner
    unsigned = f", not signed by {', '.join(current.missing)}" if current.missing else ""
    yield "status", f"{current.status}{unsigned} (meaning `{current.fingerprint}`)"
    if metric.private:
        yield "private", "a part of others, not offered by itself"


def dimensions_of_metric(metric: Metric, glossary: Glossary) -> tuple[str, ...]:
    """The shared dimensions that every part of a metric can be asked by, and `metric_time`."""
    sets = [_reached(model, glossary) for model in sorted(_models(metric, glossary))]
    shared = set.intersection(*sets) if sets else set()
    return ("metric_time", *(name for name in glossary.shared_dimensions if name in shared))


def _reached(model: str, glossary: Glossary) -> set[str]:
    return {name for name in glossary.shared_dimensions if _has(model, name, glossary)}


def _has(model: str, dimension: str, glossary: Glossary) -> bool:
    try:
        return find(glossary, model, dimension) is not None
    except Ambiguous:
        return False


def _models(metric: Metric, glossary: Glossary) -> set[str]:
    if isinstance(metric.recipe, Simple):
        return {metric.recipe.model}
    return {model for part in metric.inputs for model in _models(glossary.metrics[part.metric], glossary)}


def _required(metric: Metric, glossary: Glossary) -> list[tuple[str, str]]:
    models = (glossary.models[name].required for name in sorted(_models(metric, glossary)))
    found = [*metric.required, *(item for required in models for item in required)]
    return list(dict.fromkeys((item.dimension, str(item.default)) for item in found))


def _dimensions(glossary: Glossary) -> str:
    sections = [_dimension(item, glossary) for item in glossary.shared_dimensions.values()]
    grains = ", ".join(f"`{name}`" for name in (*_calendar_grains(), *glossary.custom_grains))
    time = f"## metric_time\n\n**Time.** Each metric's own clock. Grains: {grains}."
    return "\n\n".join(["# Dimensions", time, *sections])


def _calendar_grains() -> tuple[str, ...]:
    return ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


def _dimension(item: SharedDimension, glossary: Glossary) -> str:
    where = [f"`{model}`" for model in sorted(glossary.models) if _measures(model, item.name, glossary)]
    lines = [f"## {item.name}", f"**{item.label}.** {item.description}"]
    if item.values:
        lines.append(f"* **members**: {', '.join(f'`{value}`' for value in item.values)}")
    lines.append(f"* **known to**: {', '.join(where) or 'no model with measures'}")
    return "\n\n".join([*lines[:2], "\n".join(lines[2:])])


def _measures(model: str, dimension: str, glossary: Glossary) -> bool:
    return bool(glossary.models[model].measures) and _has(model, dimension, glossary)


def _sign_off(glossary: Glossary) -> str:
    public = [metric for metric in _listed(glossary) if not metric.private]
    rows = [_signatures(metric, glossary) for metric in public]
    return "\n\n".join(
        [
            "# Sign-off",
            "A metric is `assumed` until every role below has signed the meaning it has today. A signature "
            "names that meaning; when the meaning changes, the signature lapses by itself.",
            _table(("metric", "definition", "status", "to sign", "signed", "lapsed", "meaning"), rows),
        ]
    )


def _signatures(metric: Metric, glossary: Glossary) -> tuple[str, ...]:
    current = standing(metric, glossary)
    valid = [approval for approval in metric.approvals if approval not in current.lapsed]
    return (
        f"[`{metric.name}`]({_link(metric)})",
        _sentence(metric.definition),
        current.status,
        ", ".join(role for role in required_roles(metric, glossary) if role in current.missing),
        ", ".join(f"{approval.by} ({approval.role}, {approval.on})" for approval in valid),
        ", ".join(f"{approval.by} ({approval.role}, {approval.on})" for approval in current.lapsed),
        f"`{current.fingerprint}`",
    )


def _link(metric: Metric) -> str:
    return f"{metric.area or 'other'}.md#{metric.name}"


def _sentence(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
