"""Parse the models while there is something to wait for: SQLMesh keeps what it parsed, and the build finds it.

Only a fresh clone needs it: parsing takes twenty seconds, finding it again three. Simulating a company leaves a
processor idle, so the parsing is a process of its own. It opens no warehouse, and whenever it is ended, what it has
parsed so far is of use and the build parses the rest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def warming(project: Path) -> Iterator[None]:
    """Parse the project's models beside the block, where nothing is known of them; ends with the block."""
    if any(project.glob(".cache/**/model_definition/*")):
        yield
        return
    child = subprocess.Popen(
        [sys.executable, "-m", "infra.warm", str(project)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # what is wrong with a model the build says
    )
    try:
        yield
    finally:
        child.kill()
        child.wait()


def parse(project: Path) -> None:
    """Read every model of the project, as the build does, over a warehouse that is nowhere."""
    from infra.garbage import never
    from infra.transform import prepare

    prepare(":memory:")
    from sqlmesh.core.context import Context

    with never():
        Context(paths=[str(project)]).close()


if __name__ == "__main__":
    os.nice(5)  # what is waited for comes first
    parse(Path(sys.argv[1]))
