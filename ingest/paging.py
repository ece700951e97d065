"""The places that a walk goes on from: a vendor that gives one twice would never come to an end."""

from collections.abc import Hashable
from typing import TypeVar

from ingest.errors import IngestError

Place = TypeVar("Place", bound=Hashable)


class Walk:
    """One walk over the pages of `what`."""

    def __init__(self, source: str, what: str) -> None:
        self._source, self._what = source, what
        self._been: set[Hashable] = set()

    def on(self, place: Place) -> Place:
        """`place`, where the walk goes on. IngestError when it has been there."""
        if place in self._been:
            raise IngestError(
                self._source,
                f"{self._what}: after {len(self._been):,} pages the vendor names one again that was read, so "
                "the list has no end; nothing of it is taken",
            )
        self._been.add(place)
        return place
