"""The documentation keeps up with the code."""

import ast
import importlib
import re

import pytest

from infra.docs import pages
from infra.settings import PROJECT, Settings


@pytest.mark.parametrize("path", pages(), ids=str)
def test_a_generated_page_is_fresh(path):
    assert (PROJECT / path).read_text() == pages()[path], "run `make docs`"


def error_codes():
    """The codes of every error that a user can meet: the error trees, and what the doors raise by code."""
    roots = (
        ("semantic.errors", "TouchstoneError"),
        ("ingest.errors", "IngestError"),
        ("api.errors", "ApiError"),
    )
    classes = [getattr(importlib.import_module(module), name, None) for module, name in roots]
    while classes:
        cls = classes.pop()
        if cls is not None:
            classes.extend(cls.__subclasses__())
            yield cls.code
    for source in (PROJECT / "api").rglob("*.py"):
        yield from re.findall(r'\bcode="(\w+)"', source.read_text())


@pytest.mark.parametrize("code", sorted(set(error_codes()) - {"error", "user_error"}))
def test_every_error_has_a_page(code):
    page = PROJECT / "docs" / "errors" / f"{code}.md"
    assert page.exists(), f"write {page.relative_to(PROJECT)}"
    assert page.read_text().startswith(f"# {code}\n")


def test_every_variable_of_the_models_is_a_setting_with_the_same_default():
    source = (PROJECT / "sqlmesh" / "config.py").read_text()
    [variables] = [
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VARIABLES"
    ]
    assert variables == {name: Settings.model_fields[name].default for name in variables}


def test_every_decision_has_a_number_of_its_own_and_the_usual_parts():
    records = sorted((PROJECT / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [record.name[:4] for record in records]
    assert len(numbers) == len(set(numbers)), numbers
    for record in records:
        assert re.match(r"# \S", record.read_text()), record.name


def test_links_between_pages_lead_somewhere():
    pages_with_links = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(PROJECT)} -> {target}"
        for page in pages_with_links
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
