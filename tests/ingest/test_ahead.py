"""Pages that are read ahead are the same pages, and end as they ended."""

import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from ingest.ahead import ahead

WHOSE: ContextVar[str] = ContextVar("whose", default="nobody's")


def test_what_breaks_between_pages_is_raised_after_those_before_it() -> None:
    def pages() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the vendor went away")

    walk = ahead(pages())
    assert [next(walk), next(walk)] == [1, 2]
    with pytest.raises(ValueError, match="went away"):
        next(walk)


def test_no_more_than_two_pages_wait() -> None:
    asked = threading.Semaphore(0)
    read: list[int] = []

    def pages() -> Iterator[int]:
        for page in range(1_000):
            read.append(page)
            asked.release()
            yield page

    walk = ahead(pages())
    next(walk)
    for _ in range(3):
        assert asked.acquire(timeout=10)
    assert not asked.acquire(timeout=0.05)
    assert read == [0, 1, 2]


def test_who_stops_taking_stops_the_reading() -> None:
    before = threading.active_count()
    ended = threading.Event()

    def pages() -> Iterator[int]:
        try:
            yield from range(1_000)
        finally:
            ended.set()

    walk = ahead(pages())
    next(walk)
    walk.close()
    assert ended.wait(10)
    for thread in threading.enumerate():
        if thread.name == "pages ahead":
            thread.join(10)
    assert threading.active_count() == before


def test_the_reading_has_the_readers_context() -> None:
    token = WHOSE.set("ours")
    try:
        assert list(ahead(WHOSE.get() for _ in range(1))) == ["ours"]
    finally:
        WHOSE.reset(token)
