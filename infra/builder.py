"""A process that reads the models while the sources are read, and builds them when it is told to.

Reading the models takes as long as reading the sources does, and both are Python's own work: in one process one of
them would wait for the other. It opens no warehouse before it is told to build, and ends with the process that started
it, however that one ends.

It is told to build by a line on its input, and answers with lines of JSON: `{"step": [done, total, model]}`, and at
last `{"built": models}` or `{"failed": kind, "told": [...]}`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from infra.errors import InfraError, MistakeError, RefreshError
from infra.settings import PROJECT
from infra.transform import MODELS, Step, build

FAILURES = {one.__name__: one for one in (InfraError, MistakeError, RefreshError)}


class Builder:
    """The process, from the side of who started it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def build(self, step: Step) -> int:
        """`transform.build` over there: the number of models built, or the same errors."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):  # it has ended: what it said last says why
            self._process.stdin.write("build\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            told = json.loads(line)
            if "step" in told:
                step(*told["step"])
            elif "built" in told:
                return int(told["built"])
            else:
                raise FAILURES[told["failed"]](*told["told"])
        code = self._process.wait()
        raise RefreshError("models", "building them", f"the process that builds them ended with code {code}")


@contextmanager
def reading(warehouse_file: Path, project: Path = MODELS) -> Iterator[Builder]:
    """Read the models beside the block, which builds when it is ready to; the process ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.builder", str(warehouse_file.resolve()), str(project.resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": _path()},
        text=True,
    )
    try:
        yield Builder(process)
    finally:
        process.kill()
        process.communicate()


def _path() -> str:
    """Where the process finds this very code, wherever it is started."""
    return os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))


def main(arguments: Sequence[str]) -> None:
    """Be the process: read the models of a project, and build them in a warehouse when told to."""
    warehouse_file, project = map(Path, arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints cannot come between

    def tell(**told: Any) -> None:
        print(json.dumps(told), file=answers, flush=True)

    def step(*how_far: Any) -> None:
        tell(step=how_far)

    try:
        tell(built=build(warehouse_file, step, project, begin=_asked().wait))
    except RefreshError as error:
        tell(failed="RefreshError", told=[error.stage, error.failed, error.message])
    except InfraError as error:
        tell(failed=type(error).__name__, told=[str(error)])
    except Exception as error:
        traceback.print_exc()
        tell(failed="RefreshError", told=["models", type(error).__name__, str(error)])


def _asked() -> threading.Event:
    """Set when the process is told to build. Where its input ends there is nobody left to build for: it ends."""
    asked = threading.Event()

    def listen() -> None:
        for _ in sys.stdin:
            asked.set()
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    return asked


if __name__ == "__main__":
    main(sys.argv[1:])
