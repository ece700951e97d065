"""Rules for rollups: an aggregate table is of a model, its dimensions and its measures."""

from __future__ import annotations

from collections.abc import Iterator

from semantic.definitions import Glossary, Rollup, SemanticModel
from semantic.errors import Problem
from semantic.findings import near, problem


def rollups(glossary: Glossary) -> Iterator[Problem]:
    """A rollup names a model that exists, and dimensions, clocks, grains and measures that the model has."""
    for rollup in glossary.rollups:
        model = glossary.models.get(rollup.model)
        if model is None:
            message = f"Rollup {rollup.name!r} is of the model {rollup.model!r}, which does not exist."
            yield problem(
                rollup.place, "unknown-model", message, near(rollup.model, glossary.models), "model"
            )
        else:
            yield from _parts(glossary, rollup, model)


def _parts(glossary: Glossary, rollup: Rollup, model: SemanticModel) -> Iterator[Problem]:
    times = [item.name for item in model.dimensions if item.kind == "time"]
    known = {**model.dimension_by_name, **model.entity_by_name}
    named = [
        *(("dimensions", "dimension or key", name, list(known)) for name, _ in rollup.dimensions),
        *(("measures", "measure", name, list(model.measure_by_name)) for name, _ in rollup.measures),
        *(("time", "time dimension", name, times) for name, _, _ in rollup.time),
        *(("time", "grain", grain, list(glossary.grains)) for _, grain, _ in rollup.time),
    ]
    for key, what, name, names in named:
        if name not in names:
            message = f"Rollup {rollup.name!r}: model {model.name!r} has no {what} {name!r}."
            yield problem(rollup.place, "rollup", message, near(name, names), f"{key}.{name}", key)
