"""Draw new questions for the exam's manifests and have MetricFlow itself answer them.

    python -m tests.exams.draw_questions --peer .venv-bench/bin/python --count 400 --to new.json
    python -m tests.exams.metricflow --cases new.json

What MetricFlow refuses is dropped; what it answers becomes a case of the exam's own form.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from semantic.definitions import Glossary, SemanticModel, Simple
from semantic.interop.metricflow import import_manifest
from tests.exams.metricflow.tables import build_database
from tests.shared import ROOT, shared_path

PEER = ROOT / "tests" / "bench" / "peer_metricflow.py"
GRAINS = ("day", "week", "month", "quarter", "year")
PARTS = ("year", "quarter", "month", "day", "dow", "doy")
RANGES = (
    ("2020-01-01", "2020-01-03"),
    ("2019-12-20", "2020-01-10"),
    ("2020-01-15", "2020-02-15"),
    ("2020-03-05", "2021-01-04"),
)
Document = dict[str, Any]


def draw(glossary: Glossary, manifest: str, chance: random.Random) -> Document:
    """One question; whether it makes sense is for MetricFlow to say."""
    count = min(chance.choice((1, 1, 1, 2, 2, 3)), len(glossary.metrics))
    metrics = chance.sample(sorted(glossary.metrics), count)
    near = set.intersection(*(neighbours(glossary, name) for name in metrics))
    names = sorted(name for name in dimensions(glossary) if name.split("__")[0] in near) or ["metric_time"]
    groups = [pick(glossary, chance, names) for _ in range(chance.choice((0, 1, 1, 2)))]
    if chance.random() < 0.6:
        groups.append(clock(glossary, chance))
    question: Document = {
        "manifest": manifest,
        "metrics": metrics if chance.random() < 0.95 else [],
        "group_by_objs": unique(groups),
        "group_by": [],
    }
    if chance.random() < 0.35:
        question["where"] = filter_text(chance, names, glossary)
    if chance.random() < 0.2:
        question["time_constraint"] = list(chance.choice(RANGES))
    return question


def neighbours(glossary: Glossary, metric: str) -> set[str]:
    """The entities of the models that a metric is made of (those that all of its parts have)."""
    found = glossary.metrics[metric]
    if isinstance(found.recipe, Simple):
        model = glossary.models[found.recipe.model]
        return {entity.name for entity in model.entities} | {model.identity or ""}
    return set.intersection(*(neighbours(glossary, part.metric) for part in found.inputs))


def unique(groups: list[Document]) -> list[Document]:
    return [item for index, item in enumerate(groups) if item not in groups[:index]]


def clock(glossary: Glossary, chance: random.Random) -> Document:
    """`metric_time`: bare, at a grain, at an own grain, or a part of the date."""
    form = chance.random()
    if form < 0.3:
        return {"name": "metric_time"}
    if form < 0.75:
        return {"name": "metric_time", "grain": chance.choice(GRAINS)}
    if form < 0.88 and glossary.custom_grains:
        return {"name": "metric_time", "grain": chance.choice(sorted(glossary.custom_grains))}
    return {"name": "metric_time", "date_part": chance.choice(PARTS)}


def pick(glossary: Glossary, chance: random.Random, names: list[str]) -> Document:
    """A dimension or an entity; time dimensions at a grain at times."""
    name = chance.choice(names)
    kind = dimensions(glossary).get(name)
    if kind == "time" and chance.random() < 0.6:
        grains = [*GRAINS, *glossary.custom_grains]
        return {"name": name, "grain": chance.choice(grains)}
    return {"name": name}


def dimensions(glossary: Glossary) -> dict[str, str]:
    """Names as they could be asked, over one and two entities, with their kind."""
    found: dict[str, str] = {}
    for model in glossary.models.values():
        prefixes = [model.identity] if model.identity else []
        prefixes += [entity.name for entity in model.entities if entity.kind != "foreign"]
        for prefix in prefixes:
            found |= {f"{prefix}__{each.name}": each.kind for each in model.dimensions}
            found |= {f"{prefix}__{each.name}": "entity" for each in model.entities if each.name != prefix}
        found |= {entity.name: "entity" for entity in model.entities}
        found |= dict(two_hops(glossary, model))
    return found


def two_hops(glossary: Glossary, model: SemanticModel) -> Iterator[tuple[str, str]]:
    """`listing__user__home_state`: an entity of this model and what lies behind it."""
    for near in (each for each in model.entities if each.kind != "foreign"):
        for far in (each for each in model.entities if each.kind == "foreign"):
            for other in glossary.models.values():
                key = other.entity_by_name.get(far.name)
                if key and key.kind != "foreign":
                    for each in other.dimensions:
                        yield f"{near.name}__{far.name}__{each.name}", each.kind


def filter_text(chance: random.Random, names: list[str], glossary: Glossary) -> str:
    """A condition in MetricFlow's Jinja."""
    kinds = dimensions(glossary)
    form = chance.random()
    if form < 0.25:
        op = chance.choice((">=", "<", "="))
        grain = chance.choice(("day", "day", "month"))
        return f"{{{{ TimeDimension('metric_time', '{grain}') }}}} {op} '2020-01-02'"
    if form < 0.4:
        metric = chance.choice([name for name in glossary.metrics if not glossary.metrics[name].private])
        entities = [name for name in names if kinds.get(name) == "entity" and "__" not in name]
        entity = chance.choice(entities or ["user"])
        return f"{{{{ Metric('{metric}', group_by=['{entity}']) }}}} > {chance.choice((0, 2, 5))}"
    name = chance.choice(names)
    if kinds.get(name) == "entity":
        return f"{{{{ Entity('{name}') }}}} IS {chance.choice(('', 'NOT '))}NULL"
    if kinds.get(name, "time") == "time":
        return f"{{{{ TimeDimension('{name}', 'day') }}}} > '2020-01-01'"
    if "is_" in name:
        return f"{chance.choice(('', 'NOT '))}{{{{ Dimension('{name}') }}}}"
    return f"{{{{ Dimension('{name}') }}}} {chance.choice(('IS NOT NULL', 'IS NULL', '= ' + repr('us')))}"


# -- answers -----------------------------------------------------------------------------------


def answered(exam: Path, peer: Path, questions: list[Document]) -> Iterator[Document]:
    """The questions that MetricFlow compiles, with the rows of its SQL."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        asked, said = folder / "asked.json", folder / "said.json"
        asked.write_text(json.dumps(questions), encoding="utf-8")
        command = [str(peer), str(PEER), str(exam / "manifests"), str(asked), str(said), "0"]
        subprocess.run(command, check=True, capture_output=True)
        build_database(exam, folder / "exam.duckdb")
        with duckdb.connect(str(folder / "exam.duckdb")) as connection:
            for question, answer in zip(questions, json.loads(said.read_text()), strict=True):
                if "sql" in answer:
                    yield from rows_of(connection, question, answer["sql"])


def rows_of(connection: duckdb.DuckDBPyConnection, question: Document, sql: str) -> Iterator[Document]:
    """A case, unless MetricFlow's own SQL fails or answers more than is worth keeping."""
    try:
        result = connection.execute(sql)
        columns = [column[0] for column in result.description]
        rows = result.fetchmany(20_001)
    except duckdb.Error:
        return
    if len(rows) <= 20_000:
        metrics = set(question["metrics"])
        yield {
            **question,
            "check_sql": sql,
            "expected_columns": columns,
            "dimension_columns": [name for name in columns if name not in metrics],
            "expected_rows": [[value_of(value) for value in row] for row in rows],
            "allow_empty": not rows,
        }


def value_of(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return datetime.fromisoformat(value.isoformat()).isoformat()
    return float(value) if isinstance(value, Decimal) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exam", type=Path, default=None)
    parser.add_argument("--peer", type=Path, required=True, help="the Python that has MetricFlow")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    exam = options.exam or shared_path("exams", "metricflow")
    chance = random.Random(options.seed)
    names = sorted(each.name.split(".")[0] for each in (exam / "manifests").iterdir())
    texts = {name: (exam / "manifests" / f"{name}.semantic_manifest.json").read_text() for name in names}
    glossaries = {name: import_manifest(json.loads(text)).glossary for name, text in texts.items()}
    weights = [len(glossaries[name].metrics) + 5 for name in names]
    questions = []
    for number in range(options.count):
        [manifest] = chance.choices(names, weights)
        question = draw(glossaries[manifest], manifest, chance)
        questions.append({"id": f"drawn/{options.seed}/{number}", **question})
    cases = list(answered(exam, options.peer, questions))
    options.to.write_text(json.dumps(cases), encoding="utf-8")
    print(f"{len(cases)} of {len(questions)} questions have an answer")


if __name__ == "__main__":
    main()
