"""The arithmetic of the SQLMesh project, which is no package: loaded by its path, as SQLMesh does."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from infra.settings import PROJECT


def load(name: str) -> ModuleType:
    """`load("stages")` is sqlmesh/maths/stages.py."""
    folder = str(PROJECT / "sqlmesh")
    if folder not in sys.path:
        sys.path.append(folder)  # at the end: it has a folder `tests` of its own
    return importlib.import_module(f"maths.{name}")
