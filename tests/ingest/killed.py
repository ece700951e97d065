"""A load in a process of its own that dies after so many seconds of its processor time."""

import multiprocessing
import os
import signal
import time
from datetime import datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any


def killed_load(context: ForkServerContext, place: tuple[str, str, str], source: str, seconds: float) -> bool:
    """Load `source` and die after `seconds`; whether it died before it was done.

    `place` is (sources file, warehouse file, state folder). Processor time, so that a busy machine kills at
    the same point.
    """
    process = context.Process(target=_load, args=(place, source, seconds, dict(os.environ)))
    process.start()
    process.join()
    return process.exitcode == -signal.SIGKILL


def fork_server() -> ForkServerContext:
    """Processes that begin with the loader imported, which takes longer than a load."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ingest.runner", "pandas", "tests.ingest.killed"])
    return context


def killed_backfill(
    context: ForkServerContext, place: tuple[str, str, str], options: dict[str, Any], chunks: int
) -> bool:
    """Load a stretch again and die when `chunks` chunks are done; whether it died."""
    process = context.Process(target=_backfill, args=(place, options, chunks, dict(os.environ)))
    process.start()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _backfill(
    place: tuple[str, str, str], options: dict[str, Any], chunks: int, environment: dict[str, str]
) -> None:
    from ingest.backfill import backfill

    os.environ.update(environment)
    begun = []

    def told(first: datetime, last: datetime) -> None:
        begun.append(first)
        if len(begun) > chunks:
            os.kill(os.getpid(), signal.SIGKILL)

    sources, warehouse, state = (Path(one) for one in place)
    backfill(sources, warehouse, state, told=told, **options)


def _load(place: tuple[str, str, str], source: str, seconds: float, environment: dict[str, str]) -> None:
    import ingest

    os.environ.update(environment)
    time.sleep = lambda seconds: None
    # The default handler of this timer's signal would do, but SIGKILL is what is promised.
    signal.signal(signal.SIGPROF, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    sources, warehouse, state = (Path(one) for one in place)
    ingest.run(sources, warehouse, state, only=[source])
    signal.setitimer(signal.ITIMER_PROF, 0)
