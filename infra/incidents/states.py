"""What is known of the sources and of the refresh, as it was written down when they last ran. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

REFRESH = "refresh"


@dataclass(frozen=True)
class SourceState:
    """One source that is on. `watermark` is its newest record, by its own clock; `error` the last failure's words.

    `failing_since` is the first failure after the last good load. A source that was never loaded has neither
    `succeeded_at` nor `attempted_at`.
    """

    name: str
    attempted_at: datetime | None = None
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    error: str = ""
    watermark: datetime | None = None
    expected_every: timedelta = timedelta(hours=26)
    newest_within: timedelta | None = None

    @property
    def failed(self) -> bool:
        """Whether its last load failed."""
        return self.failing_since is not None

    def age(self, now: datetime) -> timedelta | None:
        """Since its last good load; None when there was none."""
        return None if self.succeeded_at is None else now - self.succeeded_at

    def is_late(self, now: datetime) -> bool:
        """Whether its last good load is older than expected."""
        age = self.age(now)
        return age is not None and age > self.expected_every

    def is_stale(self, now: datetime) -> bool:
        """Whether its newest record is older than it may be, however often it is loaded."""
        return (
            self.newest_within is not None
            and self.watermark is not None
            and now - self.watermark > self.newest_within
        )


@dataclass(frozen=True)
class RefreshState:
    """How the refreshes went. `stage` and `failed` name what stopped the last one, both empty when it published."""

    attempted_at: datetime | None = None
    failing_since: datetime | None = None
    stage: str = ""
    failed: str = ""
    error: str = ""


@dataclass(frozen=True)
class Known:
    """Everything that was written down."""

    sources: tuple[SourceState, ...] = ()
    refresh: RefreshState = RefreshState()

    def source(self, name: str) -> SourceState | None:
        """The state of a source; None when it is off or unknown."""
        return next((one for one in self.sources if one.name == name), None)
