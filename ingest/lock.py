"""One run at a time: a lock on the state folder, which the system frees when a process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import LockedError


@contextmanager
def only_run(state_dir: Path) -> Iterator[None]:
    """Hold the lock; LockedError names the process that holds it already."""
    state_dir.mkdir(parents=True, exist_ok=True)
    file = state_dir / "ingest.lock"
    with file.open("a+") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.seek(0)
            holder = opened.read().strip() or "unknown"
            raise LockedError(
                f"another run (process {holder}) is loading this warehouse; wait until it is done"
            ) from None
        opened.seek(0)
        opened.truncate()
        opened.write(str(os.getpid()))
        opened.flush()
        yield
