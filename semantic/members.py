"""Plan a question without metrics: which members some dimensions have, and in which combinations."""

from __future__ import annotations

from collections.abc import Sequence

from semantic.definitions import METRIC_TIME, Glossary, SemanticModel
from semantic.errors import Unreachable
from semantic.paths import Found, find
from semantic.scans import reachable


def base_model(glossary: Glossary, names: Sequence[str]) -> SemanticModel | None:
    """The model from which all names are reached with the fewest joins; None if only metric time is asked."""
    wanted = [name for name in dict.fromkeys(names) if name != METRIC_TIME]
    if not wanted:
        return None
    best: tuple[tuple[int, int, int], SemanticModel] | None = None
    for position, model in enumerate(glossary.models.values()):
        paths = [find(glossary, model.name, name) for name in wanted]
        if any(path is None or path.fans_out for path in paths):
            continue
        cost = (sum(len(p.hops) for p in paths if p), _foreign_keys(model, wanted, paths), position)
        if best is None or cost < best[0]:
            best = (cost, model)
    if best is None:
        options = [m for m in glossary.models if find(glossary, m, wanted[0])]
        works = ", ".join(reachable(glossary, options[:1])[:12])
        raise Unreachable(
            f"No model reaches all of {', '.join(wanted)}, so their combinations are not known. "
            f"Ask them with a metric, or fewer of them; {wanted[0]!r} goes together with {works}."
        )
    return best[1]


def _foreign_keys(model: SemanticModel, names: list[str], paths: Sequence[Found | None]) -> int:
    """How many of the names are only foreign keys here: the members of a key are where it is primary."""
    return sum(
        1
        for name, path in zip(names, paths, strict=True)
        if path and not path.hops and path.dimension is None and model.entity_by_name[name.split("__")[-1]].kind
        not in ("primary", "unique")
    )  # fmt: skip
