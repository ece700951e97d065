"""The expectations file: which fields are mandatory, unique, valid, and lead somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from infra.audit.validity import RULES
from infra.errors import MistakeError
from ingest.contract import promised_tables

FILE = Path(__file__).with_name("expectations.yml")
KEYS = ("live", "required", "unique", "valid", "refers")


@dataclass(frozen=True)
class Expectation:
    """What is expected of an object; `live` is a condition in SQL on its rows."""

    table: str
    live: str = "TRUE"
    required: Mapping[str, float] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    valid: Mapping[str, str] = field(default_factory=dict)
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def read_expectations(file: Path = FILE) -> tuple[Expectation, ...]:
    """The expectations of a file, in its order.

    Raises MistakeError with every problem at once: an unknown table, column, rule, or a share that is none.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MistakeError(f"the expectations {file} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise MistakeError(f"{file}: expected objects, each with {', '.join(KEYS)}")
    columns = {one.name: {column.name for column in one.columns} for one in promised_tables()}
    problems = [
        f"{file}: {table}: {problem}"
        for table, body in document.items()
        for problem in _problems(table, body, columns)
    ]
    if problems:
        raise MistakeError("\n".join(problems))
    return tuple(_expectation(table, body) for table, body in document.items())


def _expectation(table: str, body: Mapping[str, Any]) -> Expectation:
    return Expectation(
        table,
        body.get("live", "TRUE"),
        {name: float(share) for name, share in body.get("required", {}).items()},
        tuple(body.get("unique", ())),
        dict(body.get("valid", {})),
        {name: tuple(target.split(".")) for name, target in body.get("refers", {}).items()},
    )


def _problems(table: str, body: Any, columns: Mapping[str, set[str]]) -> list[str]:
    if table not in columns:
        return [f"no such object; known: {', '.join(sorted(columns))}"]
    if not isinstance(body, dict):
        return [f"expected {', '.join(KEYS)}, not {body!r}"]
    listed = [f"unknown key {key!r}; one of {', '.join(KEYS)}" for key in body if key not in KEYS]
    named = [name for key in ("required", "unique", "valid", "refers") for name in body.get(key) or ()]
    listed += [f"no column {name!r}" for name in dict.fromkeys(named) if name not in columns[table]]
    for name, share in (body.get("required") or {}).items():
        if not isinstance(share, (int, float)) or not 0 <= share <= 1:
            listed.append(f"required.{name}: {share!r} is no share from 0 to 1")
    for name, rule in (body.get("valid") or {}).items():
        if rule not in RULES:
            listed.append(f"valid.{name}: unknown rule {rule!r}; one of {', '.join(RULES)}")
    for name, target in (body.get("refers") or {}).items():
        other, _, column = str(target).partition(".")
        if column not in columns.get(other, set()):
            listed.append(f"refers.{name}: {target!r} is no object.column")
    return listed
