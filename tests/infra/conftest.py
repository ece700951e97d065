"""The command line over a home of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Touchstone, command_line


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A TOUCHSTONE_HOME that nothing was published in."""
    return tmp_path / "home"


@pytest.fixture
def touchstone(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Touchstone]:
    """Run the command line over `home`: (exit code, stdout, stderr)."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(home))
    yield from command_line(monkeypatch, capsys)
