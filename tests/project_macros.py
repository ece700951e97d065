"""A macro file of the SQLMesh project, loaded by itself."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from sqlmesh import macro
from sqlmesh.core.macros import MacroRegistry

from tests.shared import ROOT


def project_macros(name: str) -> tuple[ModuleType, MacroRegistry]:
    """The module `sqlmesh/macros/<name>.py`, and SQLMesh's list of macros with its own among them.

    SQLMesh takes down every macro that it meets; these must not stand in for the project's when it is loaded later.
    """
    file = ROOT / "sqlmesh" / "macros" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"project_macros_{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    known = macro.get_registry()
    spec.loader.exec_module(module)
    found = macro.get_registry()
    macro.set_registry(known)
    return module, found
