"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

LINE_EVERY_SECONDS = 10.0


class Stage:
    """One stage of the work while it runs; how far it is can be told from any thread."""

    def __init__(self, title: str, out: TextIO) -> None:
        self._title = title
        self._out = out
        self._started = self._told = time.monotonic()
        self._note = ""

    def step(self, done: int, total: int, what: str = "") -> None:
        """Say that `done` of `total` parts are done, the last one being `what`."""
        if time.monotonic() - self._told >= LINE_EVERY_SECONDS:
            self._told = time.monotonic()
            print(f"  {self._title}: {done} of {total} {what}".rstrip(), file=self._out, flush=True)

    def note(self, text: str) -> None:
        """What the stage's last line will say, e.g. '12 tables, 5,000 rows'."""
        self._note = text

    def begin(self) -> None:
        """Announce the stage."""
        print(f"  {self._title} ...", file=self._out, flush=True)

    def end(self) -> None:
        """Say that the stage is done, in how many seconds, and its note."""
        seconds = time.monotonic() - self._started
        note = f": {self._note}" if self._note else ""
        print(f"  {self._title} done in {seconds:.1f} s{note}", file=self._out, flush=True)

    def close(self) -> None:
        """Leave the terminal as it was, whether the stage ended well or not."""


class BarStage(Stage):
    """The same on a terminal, as a bar that is replaced by its last line."""

    def begin(self) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(
            *columns, TextColumn("{task.fields[what]}"), console=Console(file=self._out), transient=True
        )
        self._task: TaskID = self._bar.add_task(self._title, total=None, what="")
        self._bar.start()

    def step(self, done: int, total: int, what: str = "") -> None:
        self._bar.update(self._task, completed=done, total=total, what=what)

    def end(self) -> None:
        self._bar.stop()
        super().end()

    def close(self) -> None:
        self._bar.stop()


@contextmanager
def stage(title: str, out: TextIO | None = None) -> Iterator[Stage]:
    """Run a stage of long work with its progress on `out` (stderr unless said otherwise)."""
    stream = out or sys.stderr
    running = BarStage(title, stream) if stream.isatty() else Stage(title, stream)
    running.begin()
    try:
        yield running
        running.end()
    finally:
        running.close()
