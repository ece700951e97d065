"""Plan a question without metrics: which members some dimensions have, and in which combinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from semantic.asked import Asked
from semantic.conditions import row_filters
from semantic.definitions import METRIC_TIME, Dimension, Glossary, SemanticModel, TimeSpine
from semantic.errors import Unreachable
from semantic.names import Spec, specs_of, split_grains
from semantic.order import order_of
from semantic.paths import Found, find
from semantic.plan import Answer, Members, Scan
from semantic.predicates import GRAINS, dimensions_of, metrics_of
from semantic.scans import ScanBuilder, reachable
from semantic.shifts import finest, spine_for


def members_answer(asked: Asked) -> Answer:
    """The plan of a question without metrics."""
    specs = tuple(
        replace(s, grain="day") if s.is_metric_time and not s.grain and not s.date_part else s
        for s in specs_of(asked.glossary, asked.query.group_by)
    )
    conditions = [d.name for p in asked.query.where for d in dimensions_of(split_grains(asked.glossary, p))]
    rights = [d.name for p in asked.rights.rows for d in dimensions_of(split_grains(asked.glossary, p))]
    keys = [ref.by[0].name for p in asked.query.where for ref in metrics_of(p) if ref.by]
    model = base_model(asked.glossary, [*(s.name for s in specs), *conditions, *keys, *rights])
    needs_spine = asked.range is not None or any(s.is_metric_time for s in specs) or METRIC_TIME in conditions
    spine = _spine(asked, specs) if needs_spine else None
    builder = _builder(asked, model, spine)
    bound_keys = tuple((spec.column, builder.reach(spec, shown=True)) for spec in specs)
    where = tuple(builder.condition(p) for p in asked.query.where)
    scan = Scan(
        name="members",
        model=builder.model.name,
        relation=builder.model.relation,
        alias=builder.model.name,
        keys=bound_keys,
        aggregates=(),
        joins=builder.all_joins,
        calendars=tuple(builder.calendars.values()),
        metric_joins=tuple(builder.metric_joins.values()),
        conditions=(*where, *row_filters(asked, builder)),
        range=asked.range,
    )
    names = tuple(spec.column for spec in specs)
    return Answer(
        keys=names,
        sources=(Members("members", scan, spine),),
        contributing=(),
        columns=(),
        fills=(),
        outputs=(),
        order=order_of(asked.query, names, ()),
        limit=asked.query.limit,
        offset=asked.query.offset,
        distinct=asked.query.distinct,
        min_max=asked.query.min_max_only,
    )


def _spine(asked: Asked, specs: tuple[Spec, ...]) -> TimeSpine:
    grains = [s.grain for s in specs if s.is_metric_time and s.grain in GRAINS and s.grain]
    return spine_for(asked.glossary, finest(["day", *grains]))


def _builder(asked: Asked, model: SemanticModel | None, spine: TimeSpine | None) -> ScanBuilder:
    """A model whose clock is the spine."""
    base = model or SemanticModel("members", "")
    clock = Dimension("metric_time", "time", spine.column, spine.grain) if spine else None
    return ScanBuilder(
        glossary=asked.glossary,
        model=base,
        clock=clock,
        zone=asked.zone,
        metric="this question",
        masked=asked.masked,
        plan_metric=asked.plan_metric,
        clock_alias="spine" if spine else None,
        of_members=True,
    )


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
