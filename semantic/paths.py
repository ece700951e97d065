"""Where a dimension is found from a model: over which entities, in which model.

Joins go many-to-one: from a key of any kind to a `primary`, `unique` or `natural` key of the same name, over any
number of models. One step may lead the other way (from an order to its lines), and is marked `reverse`:
the planner then de-duplicates the fact by its key, so that nothing is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from semantic.definitions import Dimension, Entity, Glossary, SemanticModel
from semantic.errors import Ambiguous

ONE_SIDE = ("primary", "unique", "natural")


@dataclass(frozen=True)
class Hop:
    """One join: into `model`, on the key `entity`. `reverse`: into the many side."""

    entity: str
    model: str
    reverse: bool = False


@dataclass(frozen=True)
class Found:
    """The end of a path: an expression over the columns of `model`, and the dimension that it is, if any."""

    hops: tuple[Hop, ...]
    model: str
    expr: str
    dimension: Dimension | None = None

    @property
    def fans_out(self) -> bool:
        return any(hop.reverse for hop in self.hops)

    @property
    def words(self) -> str:
        """The path as a reader would say it."""
        return " -> ".join(f"{hop.entity} ({hop.model})" for hop in self.hops) or "its own column"


@lru_cache(maxsize=20_000)
def find(glossary: Glossary, model_name: str, name: str, local: bool = False) -> Found | None:
    """Find a dimension or key by its asked name from a model; None if there is no path.

    With `local`, a bare name may also be one of the model's own dimensions.
    Raises Ambiguous if several equally short paths lead to different columns.
    """
    model = glossary.models[model_name]
    if local and name in model.dimension_by_name:
        return _own(model, model.dimension_by_name[name])
    if name in glossary.shared_dimensions:
        found = _shared(glossary, model, name)
        if found:
            return found
    parts = tuple(name.split("__"))
    found = _choose(_walk(glossary, model, parts, (), {model_name}), model_name, name)
    if (found is None or found.fans_out) and len(parts) > 1:
        return _implied(glossary, model, parts) or found
    return found


def _implied(glossary: Glossary, model: SemanticModel, parts: tuple[str, ...]) -> Found | None:
    """`user__state` from a booking that has no user: over the one foreign key that leads there."""
    found = []
    for entity in model.entities:
        if entity.kind == "foreign":
            found += _walk(glossary, model, (entity.name, *parts), (), {model.name})
    return _choose([path for path in found if not path.fans_out], model.name, "__".join(parts))


def _shared(glossary: Glossary, model: SemanticModel, name: str) -> Found | None:
    """A conformed dimension: the model's own mapping first, then its own column, then the declared path."""
    path = model.shared_path.get(name)
    if path is None and name in model.dimension_by_name:
        path = name
    if path is None:
        path = glossary.shared_dimensions[name].path
    if path is None:
        return None
    if path in model.dimension_by_name:
        return _own(model, model.dimension_by_name[path])
    return _choose(_walk(glossary, model, tuple(path.split("__")), (), {model.name}), model.name, path)


def _own(model: SemanticModel, dimension: Dimension, hops: tuple[Hop, ...] = ()) -> Found:
    return Found(hops, model.name, dimension.expr, dimension)


def _key(model: SemanticModel, entity: Entity, hops: tuple[Hop, ...]) -> Found:
    return Found(hops, model.name, entity.expr)


def _walk(
    glossary: Glossary, model: SemanticModel, parts: tuple[str, ...], hops: tuple[Hop, ...], seen: set[str]
) -> list[Found]:
    """Every way to read the parts of a name from this model on."""
    found: list[Found] = []
    if len(parts) == 1:
        if hops and parts[0] in model.dimension_by_name:
            found.append(_own(model, model.dimension_by_name[parts[0]], hops))
        elif parts[0] in model.entity_by_name:
            found.append(_key(model, model.entity_by_name[parts[0]], hops))
        return found
    first, rest = parts[0], parts[1:]
    if not hops and _names_its_rows(model, first) and len(rest) == 1:
        if rest[0] in model.dimension_by_name:
            return [_own(model, model.dimension_by_name[rest[0]])]
        if rest[0] in model.entity_by_name:
            return [_key(model, model.entity_by_name[rest[0]], ())]
    for hop, target in _neighbours(glossary, model, first, seen, reverse=not hops):
        found.extend(_walk(glossary, target, rest, (*hops, hop), seen | {target.name}))
    return found


def _names_its_rows(model: SemanticModel, entity: str) -> bool:
    """`entity__dimension` is this model's own dimension: one of its keys tells its rows apart."""
    key = model.entity_by_name.get(entity)
    return entity == model.identity or (key is not None and key.kind in ONE_SIDE)


def _neighbours(
    glossary: Glossary, model: SemanticModel, entity: str, seen: set[str], reverse: bool
) -> list[tuple[Hop, SemanticModel]]:
    """The models that a name's next part may lead to: over a key they share, else down to the many side."""
    forward: list[tuple[Hop, SemanticModel]] = []
    backward: list[tuple[Hop, SemanticModel]] = []
    for target in glossary.models.values():
        if target.name in seen:
            continue
        key = target.entity_by_name.get(entity)
        if entity in model.entity_by_name and key is not None and key.kind in ONE_SIDE:
            if key.kind != "natural" or target.validity:
                forward.append((Hop(entity, target.name), target))
        elif reverse and target.identity == entity and entity not in model.entity_by_name:
            backward.extend((Hop(shared, target.name, True), target) for shared in _links(model, target))
    return forward or backward


def _links(model: SemanticModel, many: SemanticModel) -> list[str]:
    """The keys by which rows of `many` belong to one row of `model`."""
    return [
        entity.name
        for entity in model.entities
        if entity.kind in ("primary", "unique")
        and entity.name in many.entity_by_name
        and many.entity_by_name[entity.name].kind == "foreign"
    ]


def _choose(found: list[Found], model: str, name: str) -> Found | None:
    """The shortest path without a step to the many side; several that differ are for the asker to choose."""
    if not found:
        return None
    best = min((path.fans_out, len(path.hops)) for path in found)
    shortest = [path for path in found if (path.fans_out, len(path.hops)) == best]
    if len(shortest) > 1:
        ways = "; ".join(path.words for path in shortest)
        raise Ambiguous(
            f"From {model!r}, {name!r} can be reached in {len(shortest)} ways that may differ: {ways}. "
            f"Map it in the model's `shared:` with the path that is meant, or rename one of the dimensions."
        )
    return shortest[0]


@lru_cache(maxsize=64)
def known_dimensions(glossary: Glossary) -> tuple[str, ...]:
    """Every name that a dimension may be asked by, one hop deep: for suggestions and listings."""
    names = {"metric_time", *glossary.shared_dimensions}
    for model in glossary.models.values():
        names |= set(model.entity_by_name)
        prefixes = {e.name for e in model.entities if e.kind in ONE_SIDE} | {model.identity}
        names |= {f"{prefix}__{d.name}" for prefix in prefixes if prefix for d in model.dimensions}
    return tuple(sorted(names))
