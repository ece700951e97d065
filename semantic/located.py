"""YAML that remembers where each value was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from semantic.errors import Problem

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Located(dict[str, Any]):
    """A mapping that knows its file and the line of itself and of each key."""

    file: str
    line: int
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


def read_yaml(path: Path, name: str, problems: list[Problem]) -> Any:
    """Read one file; a syntax error or a key written twice becomes a problem. Returns None if unreadable.

    Words are text, as in YAML 1.2: only `true` and `false` are booleans, and dates stay as they are written.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, "yaml", f"This is not YAML: {error}."))
        return None
    return read_yaml_text(text, name, problems)


def read_yaml_text(text: str, name: str, problems: list[Problem]) -> Any:
    """Parse text that has no file of its own; `name` stands for one in problems."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(Problem(name, line, "yaml", f"This is not YAML: {error.problem}."))
        return None
    except yaml.YAMLError as error:
        problems.append(Problem(name, 1, "yaml", f"This is not YAML: {error}."))
        return None
    return _value(node, name, problems) if node is not None else None


def _value(node: Any, file: str, problems: list[Problem]) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, file, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file, problems) for item in node.value]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, file: str, problems: list[Problem]) -> Located:
    found = Located()
    found.file, found.line, found.lines = file, node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            problems.append(Problem(file, line, "duplicate-key", f"The key {key!r} is written twice."))
        found[key] = _value(value_node, file, problems)
        found.lines[key] = line
    return found


def _scalar(node: yaml.ScalarNode) -> Any:
    text, kind = node.value, node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int":
        return int(text.replace("_", ""), 0) if not text.lstrip("+-").startswith("0") or text == "0" else text
    if kind == "float":
        return float(text)
    return text
