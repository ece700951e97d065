"""Read the next page while the last one is taken in: the vendor works meanwhile instead of afterwards."""

from collections.abc import Iterator
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

Page = TypeVar("Page")
_END = object()


def ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages in the same order, and what is raised between them; at most two are read and not yet taken.

    The thread that reads is a daemon, as it may be waiting for minutes on a vendor's word when its reader goes.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    read: Queue[tuple[Page | object, BaseException | None]] = Queue(maxsize=1)
    left = Event()

    def walk() -> None:
        try:
            for page in pages:
                read.put((page, None))
                if left.is_set():
                    return
            read.put((_END, None))
        except BaseException as error:  # raised where the pages are taken
            read.put((_END, error))

    Thread(target=copy_context().run, args=(walk,), daemon=True, name="pages ahead").start()
    try:
        while True:
            page, error = read.get()
            if error is not None:
                raise error
            if page is _END:
                return
            yield page  # type: ignore[misc]
    finally:
        left.set()
        with suppress(Empty):  # it may be waiting for room
            read.get_nowait()
