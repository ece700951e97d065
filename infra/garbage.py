"""Python's search for garbage: how often it goes through all that a process holds."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 200_000  # Python's own figure is 700


@contextmanager
def never() -> Iterator[None]:
    """Do not look for garbage within the block, and until the end of `seldom` never among what it has made."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def seldom() -> Iterator[None]:
    """Look for garbage hundreds of times less often within the block, and never among what was there before it.

    The parsed queries of a hundred models are millions of objects that stay; going through them again and again
    took a sixth of a build. What no longer has a name is freed at once all the same: the search is for cycles alone.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
