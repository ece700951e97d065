"""Errors of the operating layer.

InfraError            a failure: exit 1
├── RefreshError      a refresh that did not publish; names the stage and what failed in it
└── MistakeError       something the person who typed can put right: exit 2
"""

from __future__ import annotations

import re

_UNDERLINED = re.compile(
    "\x1b\\[[0-9;]*m"
)  # how SQLMesh marks, on a terminal, the place where SQL cannot be read


class InfraError(Exception):
    """A failure whose message says what, where and what to do; the command line exits 1."""


class RefreshError(InfraError):
    """A refresh stopped before it published; what was published before is still served."""

    def __init__(self, stage: str, failed: str, message: str) -> None:
        self.stage = stage
        self.failed = failed
        self.message = _UNDERLINED.sub("", message)
        super().__init__(f"refresh stopped in {stage}: {failed}: {self.message}")


class MistakeError(InfraError):
    """A wrong argument, path or setting; the command line exits 2."""
