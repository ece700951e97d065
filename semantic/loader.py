"""Read the glossary's YAML files into frozen definitions, collecting every problem with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlglot.dialects.dialect import Dialects

from semantic.definitions import (
    WRITTEN_IN,
    ClosingRule,
    CustomGrain,
    Glossary,
    Measure,
    Metric,
    Place,
    Role,
    Rollup,
    SavedQuery,
    SemanticModel,
    Settings,
    SharedDimension,
    Simple,
    TargetTable,
    TimeSpine,
)
from semantic.errors import GlossaryError, Problem, nearest
from semantic.fingerprint import with_standing
from semantic.located import Located, read_yaml, read_yaml_text
from semantic.predicates import GRAINS
from semantic.read_metrics import read_metric
from semantic.read_models import read_model
from semantic.reader import Reader
from semantic.rules import check_glossary

# What the expressions of a glossary may be written in.
DIALECTS = tuple(sorted(dialect.value for dialect in Dialects if dialect.value))

FOLDERS = {
    "models": "models",
    "metrics": "metrics",
    "calendars": "calendars",
    "saved": "saved",
    "access": "roles",
    "rollups": "rollups",
}
SECTIONS = (
    "models",
    "metrics",
    "dimensions",
    "calendars",
    "saved",
    "roles",
    "rollups",
    "targets",
    "closing",
    "settings",
)


@dataclass
class _Parts:
    """What has been read so far, by section."""

    models: list[SemanticModel] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    dimensions: list[SharedDimension] = field(default_factory=list)
    calendars: list[TimeSpine] = field(default_factory=list)
    saved: list[SavedQuery] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    rollups: list[Rollup] = field(default_factory=list)
    targets: list[TargetTable] = field(default_factory=list)
    closing: list[ClosingRule] = field(default_factory=list)
    settings: list[Settings] = field(default_factory=list)
    inline: dict[str, list[Measure]] = field(default_factory=dict)


def load_glossary(path: Path | str) -> Glossary:
    """Load a glossary folder (or one file that holds everything); raises GlossaryError with all problems."""
    root = Path(path)
    if not root.exists():
        raise GlossaryError([Problem(str(root), 1, "exists", "There is no such folder or file.")])
    reader = Reader()
    return _glossary(reader, list(_entries(root, reader)))


def glossary_from_text(text: str, name: str) -> Glossary:
    """Load a glossary from text that holds everything; `name` stands for its file in problems."""
    reader = Reader()
    document = read_yaml_text(text, name, reader.problems)
    if not isinstance(document, Located):
        raise GlossaryError(
            [*reader.problems, Problem(name, 1, "type", "This should be a mapping of keys to values.")]
        )
    return _glossary(reader, list(_bundle(reader, document)))


def _glossary(reader: Reader, entries: list[tuple[str, Located]]) -> Glossary:
    parts = _Parts()
    # The settings first: they say which SQL the rest is written in.
    for section, entry in sorted(entries, key=lambda found: found[0] != "settings"):
        _READERS[section](reader, entry, parts)
    glossary = _assemble(reader, parts)
    problems = [*reader.problems, *check_glossary(glossary, parts.models, parts.metrics)]
    if problems:
        raise GlossaryError(problems)
    return with_standing(glossary)


def _entries(root: Path, reader: Reader) -> Iterator[tuple[str, Located]]:
    """Every definition in every file, with the section that it belongs to."""
    files = [root] if root.is_file() else sorted({*root.rglob("*.yml"), *root.rglob("*.yaml")})
    for file in files:
        name = str(file.relative_to(root.parent if root.is_file() else root))
        document = read_yaml(file, name, reader.problems)
        if document is None:
            continue
        if not isinstance(document, Located):
            reader.problems.append(
                Problem(name, 1, "type", "A file should hold a mapping of keys to values.")
            )
            continue
        folder = FOLDERS.get(file.relative_to(root).parts[0]) if root.is_dir() else None
        if folder and not set(document) <= set(SECTIONS):
            _check_file_name(reader, document, file, folder)
            yield folder, document
        else:
            yield from _bundle(reader, document)


def _bundle(reader: Reader, document: Located) -> Iterator[tuple[str, Located]]:
    reader.keys(document, "A glossary file", (), SECTIONS)
    for section in SECTIONS:
        if section in ("targets", "closing", "settings"):
            if section in document:
                yield section, reader.mapping(document, section)
        else:
            for entry in reader.items(document, section):
                yield section, entry


def _check_file_name(reader: Reader, document: Located, file: Path, folder: str) -> None:
    name = document.get("name")
    if folder != "roles" and name is not None and str(name) != file.stem:
        reader.problem(
            document,
            "name",
            "file-name",
            f"{name!r} is written in {file.name}.",
            f"Rename the file {name}.yml.",
        )


def _assemble(reader: Reader, parts: _Parts) -> Glossary:
    """Put measures that metrics declare in place into their models, and find models named only by a measure."""
    parts.models = [replace(m, measures=(*m.measures, *parts.inline.get(m.name, ()))) for m in parts.models]
    owners: dict[str, list[str]] = {}
    for model in parts.models:
        for measure in model.measures:
            owners.setdefault(measure.name, []).append(model.name)
    parts.metrics = [_with_model(reader, metric, owners) for metric in parts.metrics]
    return Glossary.of(
        parts.models,
        parts.metrics,
        parts.dimensions,
        parts.saved,
        parts.roles,
        time_spines=tuple(parts.calendars),
        targets=parts.targets[0] if parts.targets else None,
        rollups=tuple(parts.rollups),
        closing=parts.closing[0] if parts.closing else ClosingRule(),
        settings=parts.settings[0] if parts.settings else Settings(),
    )


def _with_model(reader: Reader, metric: Metric, owners: dict[str, list[str]]) -> Metric:
    recipe = metric.recipe
    if not isinstance(recipe, Simple) or recipe.model or not recipe.measure:
        return metric
    found = owners.get(recipe.measure, [])
    if len(found) == 1:
        return replace(metric, recipe=Simple(found[0], recipe.measure))
    message = f"{metric.name!r}: the measure {recipe.measure!r} is in {len(found)} models."
    near = nearest(recipe.measure, owners)
    remedy = f"Did you mean {near[0]!r}?" if not found and near else "Name the model with `model:`."
    place = metric.place or Place("", 1)
    reader.problems.append(Problem(place.file, place.line, "measure", message, remedy))
    return metric


def _model(reader: Reader, at: Located, parts: _Parts) -> None:
    parts.models.append(read_model(reader, at))


def _metric(reader: Reader, at: Located, parts: _Parts) -> None:
    metric, measure = read_metric(reader, at)
    parts.metrics.append(metric)
    if measure is not None and isinstance(metric.recipe, Simple):
        parts.inline.setdefault(metric.recipe.model, []).append(measure)


def _dimension(reader: Reader, at: Located, parts: _Parts) -> None:
    optional = ("type", "label", "description", "path", "values", "sensitive")
    reader.keys(at, "A shared dimension", ("name",), optional)
    parts.dimensions.append(
        SharedDimension(
            name=reader.text(at, "name"),
            kind=reader.choice(at, "type", ("categorical", "time"), "categorical"),  # type: ignore[arg-type]
            label=reader.text(at, "label"),
            description=reader.text(at, "description"),
            path=reader.optional_text(at, "path"),
            values=reader.texts(at, "values"),
            sensitive=reader.flag(at, "sensitive"),
            place=reader.place(at),
        )
    )


def _calendar(reader: Reader, at: Located, parts: _Parts) -> None:
    reader.keys(at, "A calendar", ("name", "relation", "column", "grain"), ("periods", "description"))
    periods = []
    for period in reader.items(at, "periods"):
        reader.keys(period, "A period", ("name",), ("column", "label"))
        name = reader.text(period, "name")
        periods.append(CustomGrain(name, reader.text(period, "column", name), reader.text(period, "label")))
    parts.calendars.append(
        TimeSpine(
            name=reader.text(at, "name"),
            relation=reader.text(at, "relation"),
            column=reader.text(at, "column"),
            grain=reader.choice(at, "grain", GRAINS, "day"),
            custom_grains=tuple(periods),
            place=reader.place(at),
        )
    )


def _saved(reader: Reader, at: Located, parts: _Parts) -> None:
    reader.keys(at, "A saved question", ("name", "query"), ("label", "description"))
    parts.saved.append(
        SavedQuery(
            reader.text(at, "name"),
            dict(reader.mapping(at, "query")),
            reader.text(at, "label"),
            reader.text(at, "description"),
            reader.place(at),
        )
    )


def _role(reader: Reader, at: Located, parts: _Parts) -> None:
    if set(at) == {"roles"}:
        for entry in reader.items(at, "roles"):
            _role(reader, entry, parts)
        return
    optional = ("metrics", "denied_metrics", "row_filters", "masked_dimensions", "description")
    reader.keys(at, "A role", ("name",), optional)
    parts.roles.append(
        Role(
            name=reader.text(at, "name"),
            metrics=reader.texts(at, "metrics") if "metrics" in at else ("*",),
            denied_metrics=reader.texts(at, "denied_metrics"),
            row_filters=reader.predicates(at, "row_filters"),
            masked_dimensions=reader.texts(at, "masked_dimensions"),
            description=reader.text(at, "description"),
            place=reader.place(at),
        )
    )


def _rollup(reader: Reader, at: Located, parts: _Parts) -> None:
    optional = ("dimensions", "time", "measures", "filter", "description")
    reader.keys(at, "A rollup", ("name", "model", "relation"), optional)
    times = []
    for item in reader.items(at, "time", "dimension"):
        reader.keys(item, "A rollup's time", ("dimension", "grain", "column"))
        times.append(tuple(reader.text(item, key) for key in ("dimension", "grain", "column")))
    parts.rollups.append(
        Rollup(
            name=reader.text(at, "name"),
            model=reader.text(at, "model"),
            relation=reader.text(at, "relation"),
            dimensions=pairs(reader.mapping(at, "dimensions")),
            time=tuple(times),  # type: ignore[arg-type]
            measures=pairs(reader.mapping(at, "measures")),
            filters=reader.predicates(at, "filter"),
            place=reader.place(at),
        )
    )


def _targets(reader: Reader, at: Located, parts: _Parts) -> None:
    required = ("model", "metric", "time", "grain", "value")
    reader.keys(at, "targets", required, ("dimensions", "filter", "allocation"))
    parts.targets.append(
        TargetTable(
            model=reader.text(at, "model"),
            metric_column=reader.text(at, "metric"),
            time_dimension=reader.text(at, "time"),
            grain=reader.choice(at, "grain", GRAINS, "month"),
            value=reader.text(at, "value"),
            dimensions=reader.texts(at, "dimensions"),
            filters=reader.predicates(at, "filter"),
            allocation=reader.choice(at, "allocation", ("none", "even_by_day"), "none"),  # type: ignore[arg-type]
        )
    )


def _closing(reader: Reader, at: Located, parts: _Parts) -> None:
    reader.keys(at, "closing", (), ("metrics", "except", "by"))
    parts.closing.append(
        ClosingRule(
            metrics=reader.texts(at, "metrics") if "metrics" in at else ("*",),
            left_out=reader.texts(at, "except"),
            grouping_sets=tuple(dict.fromkeys(((), *reader.lists(at, "by")))),
            place=reader.place(at),
        )
    )


def _settings(reader: Reader, at: Located, parts: _Parts) -> None:
    optional = (
        "dialect",
        "time_zone",
        "reporting_currency",
        "required_approvals",
        "required_money_approvals",
        "semantics",
    )
    reader.keys(at, "settings", (), optional)
    reader.dialect = reader.choice(at, "dialect", DIALECTS, WRITTEN_IN)
    parts.settings.append(
        Settings(
            dialect=reader.dialect,
            time_zone=reader.text(at, "time_zone", "UTC"),
            reporting_currency=reader.text(at, "reporting_currency"),
            required_approvals=reader.texts(at, "required_approvals"),
            required_money_approvals=reader.texts(at, "required_money_approvals"),
            semantics=reader.choice(at, "semantics", ("touchstone", "metricflow"), "touchstone"),  # type: ignore[arg-type]
        )
    )


def pairs(at: Located) -> tuple[tuple[str, str], ...]:
    """A mapping of names to names, in the order of writing."""
    return tuple((key, str(value)) for key, value in at.items())


_READERS: dict[str, Callable[[Reader, Located, _Parts], None]] = {
    "models": _model,
    "metrics": _metric,
    "dimensions": _dimension,
    "calendars": _calendar,
    "saved": _saved,
    "roles": _role,
    "rollups": _rollup,
    "targets": _targets,
    "closing": _closing,
    "settings": _settings,
}
