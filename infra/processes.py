"""Child processes that live and die with their parent: each in a group of its own, ended by process id."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError

STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A running child and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def last_words(self, lines: int = 12) -> str:
        """The end of its output."""
        text = self.log.read_text(errors="replace").rstrip().splitlines()
        return "\n".join(text[-lines:])


class Processes:
    """The children of one `touchstone up`; leaving the block ends them all, the newest first."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Child:
        """Start a child whose output goes to `<name>.log`; `env` is added to this process's environment."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def run(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Run a child to its end with its output shown; InfraError when it fails, the reason being shown."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        child = Child(name, process, self._logs / f"{name}.log")
        self._children.append(child)
        code = process.wait()
        self.forget(child)
        if code:
            raise InfraError(f"{name} failed; the reason is above")

    def forget(self, child: Child) -> None:
        """Let go of a child that has ended and was meant to."""
        self._children.remove(child)

    def wait_until(self, child: Child, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready()`; InfraError with the child's last words when it ends or takes longer."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not child.runs:
                raise InfraError(f"{child.name} ended ({child.process.returncode}):\n{child.last_words()}")
            if time.monotonic() > deadline:
                told = f"{child.name} was not ready after {seconds:.0f} s; its log is {child.log}"
                raise InfraError(f"{told}:\n{child.last_words()}")
            time.sleep(0.2)

    def ended(self) -> list[Child]:
        """The children that have ended by themselves."""
        return [child for child in self._children if not child.runs]

    def stop(self) -> None:
        """End every child and what it started: SIGTERM first, SIGKILL to what is left after a while."""
        children, self._children = self._children[::-1], []
        for child in children:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            # The group may outlive its first process: a worker's children, a browser.
            _signal(child, signal.SIGKILL)
            child.process.wait()


def _signal(child: Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _die_with_parent() -> None:
    """Ask the kernel to end this child when its parent ends, even when the parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
