"""Load a stretch of the past again, in chunks: what is done is written down, so that a backfill resumes."""

import json
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.errors import SourcesFileError
from ingest.runner import Progress, run

DEFAULT_CHUNK = timedelta(days=31)


def backfill(
    sources_file: Path,
    warehouse_file: Path,
    state_dir: Path,
    *,
    since: datetime,
    until: datetime | None = None,
    only: Collection[str] | None = None,
    chunk: timedelta = DEFAULT_CHUNK,
    progress: Progress | None = None,
    told: Callable[[datetime, datetime], None] = lambda first, last: None,
) -> int:
    """Load `since` to `until` (UTC, now by default) again, chunk by chunk; the rows loaded.

    `told(first, last)` is called before each chunk. A backfill that broke off is taken up at the chunk it
    broke off in when it is asked for again with the same arguments. Raises what `run` raises.
    """
    end = until or datetime.now(UTC).replace(tzinfo=None)
    if since >= end:
        raise SourcesFileError(
            [f"there is nothing from {since.isoformat()} until {end.isoformat()}, not included"]
        )
    asked = {
        "since": since.isoformat(),
        "until": until.isoformat() if until else None,
        "only": sorted(only or ()),
    }
    note = _Note(state_dir / "backfill.json", asked)
    rows = 0
    for first, last in chunks(note.reached(since), end, chunk):
        told(first, last)
        report = run(
            sources_file, warehouse_file, state_dir, only=only, since=first, until=last, progress=progress
        )
        rows += report.rows
        note.write(last)
    note.clear()
    return rows


def chunks(first: datetime, last: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """`first` to `last` in stretches of `step`, each beginning where the one before ends.

    >>> len(list(chunks(datetime(2026, 1, 1), datetime(2026, 1, 4), timedelta(days=2))))
    2
    """
    while first < last:
        end = min(first + step, last)
        yield first, end
        first = end


class _Note:
    """How far a backfill has come, and which one it was."""

    def __init__(self, file: Path, asked: dict[str, Any]) -> None:
        self._file, self._asked = file, asked

    def reached(self, since: datetime) -> datetime:
        if not self._file.is_file():
            return since
        kept = json.loads(self._file.read_text(encoding="utf-8"))
        return datetime.fromisoformat(kept["reached"]) if kept["asked"] == self._asked else since

    def write(self, reached: datetime) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(
            json.dumps({"asked": self._asked, "reached": reached.isoformat()}), encoding="utf-8"
        )
        beside.replace(self._file)

    def clear(self) -> None:
        self._file.unlink(missing_ok=True)
