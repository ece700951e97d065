"""Which columns of a raw table tell time: when a row began, when it last changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ingest.contract import Table as Promise

# The first of these that a table has. The vendors' own names.
BEGAN = (
    "createdate", "created_date", "created_at", "occurred_at", "submitted_at", "event_at", "merged_at", "day",
    "spend_date", "hs_start_date", "start_at", "start_date", "published_at", "rate_date", "target_month",
    "closed_at", "close_date", "mql_at",
)  # fmt: skip
CHANGED = (
    "lastmodifieddate", "hs_lastmodifieddate", "system_modstamp", "updated_at", "last_modified_at", "occurred_at",
    "submitted_at", "event_at", "merged_at", "day", "spend_date", "closed_at", "close_date", "created_at",
)  # fmt: skip
# Rows that are plans or look-ups: their dates may lie ahead and say nothing of how fresh a source is.
PLANS = frozenset((
    "files__targets", "files__exchange_rates", "hubspot__campaigns", "hubspot__emails", "salesforce__campaign",
    "marketo__programs", "linkedin_ads__campaigns", "google_ads__campaigns", "meta_ads__campaigns",
    "salesforce__user",
))  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """What of a table tells time, as SQL; None where nothing does. `changed` is the beginning where nobody noted it."""

    began: str | None
    changed: str | None
    is_event: bool  # a row is something that happened, not a plan or a look-up


@cache
def clock_of(table: Promise) -> Clock:
    """The clock of a promised table, by the names of its columns."""
    names = {column.name for column in table.columns}
    began = next((name for name in BEGAN if name in names), None)
    changed = next((name for name in CHANGED if name in names), None)
    if changed and began and changed != began:
        changed = f"COALESCE({changed}, {began})"
    return Clock(began, changed, table.name not in PLANS)
