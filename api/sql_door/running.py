"""The statements that run now, so that whoever sent one can stop it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from api.auth import Caller
from api.room import Sitting
from api.sql_door.refused import Refused


class Running:
    """Sittings by the asker and the name that he gave the statement."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seats: dict[tuple[str, str, str], Sitting] = {}

    @contextmanager
    def named(self, query_id: str, caller: Caller, seat: Sitting) -> Iterator[None]:
        """Keep a sitting under its name while a statement runs; nameless ones cannot be stopped."""
        if not query_id:
            yield
            return
        key = _key(query_id, caller)
        with self._lock:
            if key in self._seats:
                raise Refused(f"A statement of yours with query_id {query_id!r} is still running.")
            self._seats[key] = seat
        try:
            yield
        finally:
            with self._lock:
                del self._seats[key]

    def stop(self, query_id: str, caller: Caller) -> bool:
        """Stop a statement; False when it does not run (any more) or is somebody else's."""
        with self._lock:
            seat = self._seats.get(_key(query_id, caller))
        if seat is None:
            return False
        seat.stop("it was cancelled")
        return True


def _key(query_id: str, caller: Caller) -> tuple[str, str, str]:
    return (caller.key, caller.user.name, query_id)
