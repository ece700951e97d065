"""The schemas for editors are fresh, accept every file of the glossary, and know the keys the loader knows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from semantic.errors import GlossaryError
from semantic.interop.editor_schema import schemas
from semantic.loader import load_glossary
from tests.glossary.conftest import GLOSSARY

KINDS = {
    "models": "model",
    "metrics": "metric",
    "calendars": "calendar",
    "saved": "saved",
    "access": "access",
    "rollups": "rollup",
}
SCHEMAS = schemas()


def kind_of(file: Path) -> str:
    return KINDS.get(file.parent.name, file.stem)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_fresh(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert json.loads((GLOSSARY / "schema" / name).read_text()) == SCHEMAS[name], "Run `make docs`."


def test_every_file_of_the_glossary_fits() -> None:
    for file in GLOSSARY.rglob("*.yml"):
        validator = Draft202012Validator(SCHEMAS[f"{kind_of(file)}.json"])
        problems = [error.message for error in validator.iter_errors(yaml.load(file.read_text(), _Words))]
        assert not problems, f"{file.name}: {problems}"


class _Words(yaml.SafeLoader):
    """YAML as the loader reads it: a word is text, also where YAML 1.1 saw a boolean or a date."""


_Words.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def variants() -> list[tuple[str, str, dict[str, Any]]]:
    """Every closed object that is a definition of its own: (section, what, schema)."""
    found = [
        ("models", "model", SCHEMAS["model.json"]),
        ("dimensions", "shared dimension", SCHEMAS["dimensions.json"]["properties"]["dimensions"]["items"]),
        ("calendars", "calendar", SCHEMAS["calendar.json"]),
        ("saved", "saved", SCHEMAS["saved.json"]),
        ("roles", "role", SCHEMAS["access.json"]["properties"]["roles"]["items"]),
        ("rollups", "rollup", SCHEMAS["rollup.json"]),
        ("targets", "targets", SCHEMAS["targets.json"]["properties"]["targets"]),
        ("closing", "closing", SCHEMAS["closing.json"]["properties"]["closing"]),
        ("settings", "settings", SCHEMAS["settings.json"]["properties"]["settings"]),
    ]
    for recipe in SCHEMAS["metric.json"]["oneOf"]:
        found.append(("metrics", recipe["properties"]["type"]["const"], recipe))
    return found


@pytest.mark.parametrize(("section", "what", "schema"), variants(), ids=lambda value: str(value)[:20])
def test_the_loader_knows_the_same_keys(
    tmp_path: Path, section: str, what: str, schema: dict[str, Any]
) -> None:
    document: dict[str, Any] = {"name": "x", "type": what} if section == "metrics" else {}
    document["qqqqqq"] = 1
    file = tmp_path / "all.yml"
    file.write_text(
        json.dumps({section: document if section in ("targets", "closing", "settings") else [document]})
    )
    with pytest.raises(GlossaryError) as caught:
        load_glossary(file)
    remedies = [problem.remedy for problem in caught.value.problems if "'qqqqqq'" in problem.message]
    known = set(remedies[0].removeprefix("Known keys: ").rstrip(".").split(", "))
    assert known == set(schema["properties"])
    needed = {
        p.message.split("needs ")[1].strip("'.") for p in caught.value.problems if p.rule == "missing-key"
    }
    assert needed | set(document) & set(schema.get("required", ())) == set(schema.get("required", ()))
