"""Draw new questions for the exam's manifests and have MetricFlow itself answer them.

    python -m tests.exams.draw_questions --peer .venv-bench/bin/python --count 400 --to new.json
    python -m tests.exams.metricflow --cases new.json

What MetricFlow refuses is dropped, and so is an answer that changes once rows lie in another order; the others
become cases of the exam's own form. MetricFlow says as well what each metric can be grouped by, so that nothing of
our own reading of a manifest limits what is drawn.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from tests.exams.draw_answers import Document, answered
from tests.exams.draw_filters import Filters, Item
from tests.exams.metricflow.tables import build_database
from tests.shared import ROOT, shared_path

PEER_ITEMS = ROOT / "tests" / "exams" / "peer_items.py"
FINE = ("nanosecond", "microsecond", "millisecond", "second", "minute")
RANGES = (
    ("2020-01-01", "2020-01-03"),
    ("2019-12-20", "2020-01-10"),
    ("2020-01-15", "2020-02-15"),
    ("2020-03-05", "2021-01-04"),
    ("2020-01-01 02:00:00", "2020-01-02 05:00:00"),
)


@dataclass(frozen=True)
class Draw:
    """What questions of one manifest can be made of."""

    name: str
    manifest: Document
    items: dict[str, list[Item]]
    values: dict[str, list[Any]]

    @cached_property
    def by_kind(self) -> dict[str, list[str]]:
        """The public metrics by kind; those with a spine, a fill, an offset or a filter are kinds of their own."""
        kinds: dict[str, list[str]] = {}
        for metric in self.manifest["metrics"]:
            if metric["name"] in self.items:
                for kind in kinds_of(metric):
                    kinds.setdefault(kind, []).append(metric["name"])
        return kinds

    def question(self, chance: random.Random) -> Document:
        """One question; whether it makes sense is for MetricFlow to say."""
        saved = [item["name"] for item in self.manifest["saved_queries"]]
        if saved and chance.random() < 0.02:
            return self._further({"saved_query": chance.choice(saved), "metrics": []}, self.items[""], chance)
        metrics = self._metrics(chance)
        known = self._common(metrics)
        groups = self._groups(known, chance)
        question: Document = {"metrics": metrics, "group_by_objs": groups, "group_by": []}
        if chance.random() < 0.3 and not any(group.get("date_part") for group in groups):
            question["group_by_objs"] = []
            question["group_by"] = [spelled(group, chance) for group in groups]
        if not metrics:
            question["min_max_only"] = len(groups) == 1 and chance.random() < 0.4
        return self._further(question, known, chance)

    def _further(self, question: Document, known: list[Item], chance: random.Random) -> Document:
        """Conditions, a time range, an order and a limit."""
        if chance.random() < 0.4 and known:
            question["where"] = Filters([i for i in known if i[2] not in FINE], self.values).draw(chance)
        if chance.random() < 0.25:
            question["time_constraint"] = list(chance.choice(RANGES))
        groups = question.get("group_by_objs") or []
        if question["metrics"] and groups and chance.random() < 0.2:
            question |= ordered(question["metrics"], groups, chance)
        return question

    def _metrics(self, chance: random.Random) -> list[str]:
        if chance.random() < 0.1:
            return []
        count = chance.choice((1, 1, 1, 2, 2, 3))
        chosen = [chance.choice(self.by_kind[chance.choice(sorted(self.by_kind))]) for _ in range(count)]
        return list(dict.fromkeys(chosen))

    def _common(self, metrics: list[str]) -> list[Item]:
        """The items that all of these metrics have."""
        common = [tuple(item) for item in self.items[metrics[0] if metrics else ""]]
        for name in metrics[1:]:
            others = {tuple(item) for item in self.items[name]}
            common = [item for item in common if item in others]
        return [list(item) for item in common]

    def _groups(self, known: list[Item], chance: random.Random) -> list[Document]:
        items = [item for item in known if item[0] != "metric"]
        clocks = [item for item in items if item[1] == "metric_time" and item[2] not in FINE]
        others = [item for item in items if item[1] != "metric_time"]
        found = [chance.choice(near(others, chance)) for _ in range(chance.choice((0, 1, 1, 2, 3))) if others]
        if clocks and (chance.random() < 0.6 or not found):
            found += chance.sample(clocks, min(len(clocks), chance.choice((1, 1, 1, 2))))
        groups = [group_of(item, chance) for item in found]
        return [group for index, group in enumerate(groups) if group not in groups[:index]]


def kinds_of(metric: Document) -> Iterator[str]:
    """The kinds that a metric is drawn as."""
    params = metric["type_params"]
    text = json.dumps(params)
    yield metric["type"]
    for mark in (
        "offset_window",
        "offset_to_grain",
        "fill_nulls_with",
        "constant_properties",
        "grain_to_date",
    ):
        if f'"{mark}": ' in text.replace(f'"{mark}": null', ""):
            yield mark
    for mark in ('"join_to_timespine": true', '"non_additive_dimension": {', "percentile", "subdaily"):
        if mark in text or mark in metric["name"]:
            yield mark
    if metric.get("filter") or '"filter": {' in text:
        yield "filtered"
    if metric.get("time_granularity"):
        yield "own grain"


def near(items: list[Item], chance: random.Random) -> list[Item]:
    """The items of one kind and one number of steps, so that the many times at many grains do not crowd out all."""
    kinds = sorted({(item[0], item[1].count("__")) for item in items})
    kind = chance.choice(kinds)
    return [item for item in items if (item[0], item[1].count("__")) == kind]


def group_of(item: Item, chance: random.Random) -> Document:
    """An item as a question names it; a time sometimes without its grain."""
    _, name, grain, part = item
    if part:
        return {"name": name, "date_part": part}
    if grain is None or (chance.random() < 0.25):
        return {"name": name}
    return {"name": name, "grain": grain}


def spelled(group: Document, chance: random.Random) -> str:
    """The same as one name."""
    return f"{group['name']}__{group['grain']}" if group.get("grain") else group["name"]


def ordered(metrics: list[str], groups: list[Document], chance: random.Random) -> Document:
    """A total order, so that a limit has one meaning: some metrics, then everything that is grouped by."""
    if any(group.get("date_part") for group in groups):
        return {}
    names = [spelled(group, chance) for group in groups]
    asked = [*chance.sample(metrics, chance.randint(0, 1)), *names]
    order = [chance.choice(("", "-")) + name for name in asked]
    limit = {"limit": chance.choice((1, 5, 20))} if chance.random() < 0.6 else {}
    return {"order": order, "check_order": True, **limit}


# -- what there is -----------------------------------------------------------------------------


def draws(exam: Path, peer: Path) -> list[Draw]:
    """The manifests with what MetricFlow says of them and values that occur in their tables."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        command = [str(peer), str(PEER_ITEMS), str(exam / "manifests"), str(folder / "items.json")]
        subprocess.run(command, check=True, capture_output=True)
        build_database(exam, folder / "exam.duckdb")
        items = json.loads((folder / "items.json").read_text(encoding="utf-8"))
        found = []
        with duckdb.connect(str(folder / "exam.duckdb")) as connection:
            for name, known in items.items():
                text = (exam / "manifests" / f"{name}.semantic_manifest.json").read_text(encoding="utf-8")
                manifest = json.loads(text)
                found.append(Draw(name, manifest, known, values_of(connection, manifest)))
        return found


def values_of(connection: duckdb.DuckDBPyConnection, manifest: Document) -> dict[str, list[Any]]:
    """A few values of every categorical dimension and key."""
    values: dict[str, list[Any]] = {}
    for model in manifest["semantic_models"]:
        for each in (*model["dimensions"], *model["entities"]):
            if each["type"] != "time":
                table = model["node_relation"]["relation_name"].replace('"', "")
                member = f"SELECT DISTINCT {each.get('expr') or each['name']} AS member FROM {table}"
                sql = f"SELECT member FROM ({member}) WHERE member IS NOT NULL ORDER BY 1 LIMIT 6"
                found = [row[0] for row in connection.execute(sql).fetchall()]
                values[each["name"]] = [
                    v for v in found if isinstance(v, str | int | bool) and "'" not in str(v)
                ]
    return values


def asked_of(known: list[Draw], count: int, chance: random.Random) -> list[Document]:
    """Questions over the manifests, more of the large ones."""
    weights = [len(each.items) + 5 for each in known]
    questions = []
    for number in range(count):
        [each] = chance.choices(known, weights)
        questions.append({"id": f"drawn/{number}", "manifest": each.name, **each.question(chance)})
    return questions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exam", type=Path, default=None)
    parser.add_argument("--peer", type=Path, required=True, help="the Python that has MetricFlow")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    exam = options.exam or shared_path("exams", "metricflow")
    questions = asked_of(draws(exam, options.peer), options.count, random.Random(options.seed))
    cases = list(answered(exam, options.peer, questions))
    options.to.write_text(json.dumps(cases), encoding="utf-8")
    print(f"{len(cases)} of {len(questions)} questions have an answer")


if __name__ == "__main__":
    main()
