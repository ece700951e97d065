"""The command line, run in the process of a test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from infra import cli
from infra.settings import settings

Touchstone = Callable[..., tuple[int, str, str]]


def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Touchstone]:
    """What a fixture yields from: it runs the command line as the environment is then, (exit code, stdout, stderr)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        settings.cache_clear()
        monkeypatch.setattr(sys, "argv", ["touchstone", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    yield run
    settings.cache_clear()
