"""What a connector gives to the loader: its objects, and how to walk the pages of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingest.contract import promised
from ingest.http import VendorSession
from ingest.new_columns import Fields
from ingest.rows import Rows
from ingest.sweep import DEFAULT_DAYS, Sweep

Lacking = dict[str, frozenset[str]]  # promised columns by table
Page = dict[str, Rows]  # rows by the name of the promised table they go to


@dataclass(frozen=True)
class Window:
    """What to fetch: changes at or after `since` (None: everything) and before `until` (None: no end).

    `fields` are the vendor's further fields and the columns they become, `flagged` the keys of what was loaded
    as deleted, `lacking` the promised columns that this instance of the vendor has no field for.
    """

    since: datetime | None = None
    until: datetime | None = None
    fields: Fields = field(default_factory=dict)
    flagged: frozenset[str] = frozenset()
    lacking: Lacking = field(default_factory=dict)


@dataclass(frozen=True)
class Extract:
    """An object of a source.

    `walk` yields its pages for a window. `cursor` is the column of `table` that says how new a row is; the
    next load starts `overlap` before the newest one, because vendors index late and restate.
    `replaces` loads the whole object each time. `restates`: the window that was read again replaces the same
    days of the table, so that a row which the vendor has withdrawn goes.
    """

    table: str
    walk: Callable[[Window], Iterator[Page]]
    cursor: str | None = None
    overlap: timedelta = timedelta(minutes=10)
    replaces: bool = False
    restates: bool = False
    also: tuple[str, ...] = ()  # other tables that the same pages fill
    further: Callable[[], Fields] | None = None  # the custom fields that the vendor has for `table`
    lacking: Callable[[], Lacking] | None = (
        None  # what the vendor has no field for: custom fields by our names
    )
    notes: Callable[[], tuple[str, ...]] = tuple  # after a walk: what is no error and should be known
    flag: str | None = (
        None  # the column that says that a record is deleted, where nothing tells of its return
    )


@dataclass(frozen=True)
class Question:
    """Something that a load does without where the vendor refuses it; `ingest check` asks, and names `scope`.

    `ask` says how many custom fields there are.
    """

    object: str
    ask: Callable[[], int]
    scope: str


@dataclass(frozen=True)
class Connector:
    """A source, ready to be walked."""

    source: str
    extracts: tuple[Extract, ...]
    session: VendorSession | None = None  # None: it reads files
    # Statements run on the warehouse after each load, e.g. to drop records that were merged away.
    after_load: tuple[str, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    sweep_days: float = DEFAULT_DAYS
    questions: tuple[Question, ...] = ()

    def requests_made(self) -> int:
        """Requests so far, logins not counted."""
        return self.session.requests_made if self.session is not None else 0


def without(lacking: Lacking) -> tuple[str, ...]:
    """A note on each table that lacks something."""
    return tuple(_without(table, columns) for table, columns in lacking.items() if columns)


def _without(table: str, columns: frozenset[str]) -> str:
    own = {column.name for column in promised(table).columns} - {"_loaded_at"}
    if columns == own:
        return "no such object, or hidden from this user"
    return f"without {', '.join(sorted(columns))}: no such field, or hidden from this user"
