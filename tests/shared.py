"""Where the tests find the folder `shared`: data and exams beside the project, no part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_path(*parts: str) -> Path:
    """The path `shared/<parts>`; skips the test where it is absent, and fails it where CI=true.

    Looked for in `TOUCHSTONE_SHARED`, then beside the project, then one level higher (for a git worktree).
    """
    for folder in _candidates():
        path = folder.joinpath(*parts)
        if path.exists():
            return path
    reason = f"{'/'.join(('shared', *parts))!r} is missing; set TOUCHSTONE_SHARED"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _candidates() -> list[Path]:
    named = [Path(os.environ["TOUCHSTONE_SHARED"])] if os.environ.get("TOUCHSTONE_SHARED") else []
    return [*named, ROOT.parent / "shared", ROOT.parent.parent / "shared"]
