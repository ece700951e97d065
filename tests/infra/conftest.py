"""The command line, run in the process of a test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra import cli
from infra.settings import settings

Touchstone = Callable[..., tuple[int, str, str]]


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

    def run(*arguments: str) -> tuple[int, str, str]:
        settings.cache_clear()
        monkeypatch.setattr(sys, "argv", ["touchstone", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    yield run
    settings.cache_clear()
