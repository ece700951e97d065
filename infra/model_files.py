"""The models of a SQLMesh project as their files tell them, without SQLMesh: it takes seconds to load.

Headers are read in one place, for the alerts (what stands on a source) and the audit (what can be computed).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"^\s*name\s+([\w.]+)", re.MULTILINE)
_SEED = re.compile(r"\bkind\s+SEED\b")
_COLUMNS = re.compile(r"\bcolumns\s*\(([^)]*)\)")
_PYTHON_NAME = re.compile(r"^@model\(\s*\"([\w.]+)\"", re.MULTILINE)
_PYTHON_READS = re.compile(r"depends_on=\[([^\]]*)\]")
_TABLE = re.compile(r"[a-z]\w*\.\w+")


@dataclass(frozen=True)
class ModelFile:
    """A model: its lower-case `schema.name`, and what its header says.

    `sql` is all that follows the header, empty for Python; `columns` are those of a seed, `reads` the tables that a
    Python model declares.
    """

    name: str
    sql: str = ""
    is_seed: bool = False
    columns: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


def model_files(folder: Path) -> Iterator[ModelFile]:
    """Every model below `folder`, in the order of the files; files that are none are left out."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".sql", ".py"):
            text = file.read_text(encoding="utf-8")
            found = _sql(text) if file.suffix == ".sql" else _python(text)
            if found is not None:
                yield found


def _sql(text: str) -> ModelFile | None:
    head, _, body = text.partition("\n);")
    name = _NAME.search(head)
    if name is None:
        return None
    is_seed = _SEED.search(head) is not None
    listed = _COLUMNS.search(head) if is_seed else None
    columns = tuple(part.split()[0].lower() for part in listed[1].split(",")) if listed else ()
    return ModelFile(name[1].lower(), body, is_seed, columns)


def _python(text: str) -> ModelFile | None:
    name, listed = _PYTHON_NAME.search(text), _PYTHON_READS.search(text)
    reads = tuple(_TABLE.findall(listed[1].lower())) if listed else ()
    return ModelFile(name[1].lower(), reads=reads) if name else None
