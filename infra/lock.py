"""One writer at a time: a lock that dies with its process."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from infra.errors import InfraError


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock at `path`, or raise InfraError that names the holder.

    The kernel holds it for this process (POSIX record lock): whatever ends the process ends the lock, so that
    nobody has to judge whether a left-over lock file is dead, and a forked child does not keep it alive.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InfraError(f"another refresh is running ({_holder(path)}); wait for it to end") from None
        note = json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")})
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note.encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.read_text())
        return f"process {note['pid']}, since {note['since']}"
    except (OSError, ValueError, KeyError):
        return "just started"
