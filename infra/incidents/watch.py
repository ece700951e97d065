"""Open what is wrong, keep what still is, end what is over. A flapping trouble is told less often."""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.incidents.states import REFRESH, Known
from infra.incidents.store import Incident, Store
from infra.incidents.troubles import Trouble, length, troubles

# The third incident of a subject within a day flaps: it ends only after it has been well for a day.
FLAPS, FLAPPING_WITHIN, CALM = 3, timedelta(hours=24), timedelta(hours=24)


def watch(store: Store, now: datetime) -> None:
    """Bring the incidents up to what is known at `now`."""
    known = store.known()
    found = {trouble.subject: trouble for trouble in troubles(known, now)}
    incidents = {incident.subject: incident for incident in store.open_incidents()}
    for subject, trouble in found.items():
        if subject in incidents:
            store.keep(incidents[subject], trouble.kind, trouble.what)
        elif not trouble.covered:
            _open(store, trouble, now)
    for subject, incident in incidents.items():
        if subject not in found:
            _well(store, incident, known, now)


def _open(store: Store, trouble: Trouble, now: datetime) -> None:
    before = store.opened_after(trouble.subject, now - FLAPPING_WITHIN)
    flapping = before + 1 >= FLAPS
    store.open(trouble.subject, trouble.kind, trouble.what, trouble.since, now, flapping)


def _well(store: Store, incident: Incident, known: Known, now: datetime) -> None:
    if incident.flapping and incident.well_since is None:
        store.seems_well(incident, now)
    elif not incident.flapping or (incident.well_since and now - incident.well_since >= CALM):
        store.end(incident, now, ending(incident, known, now))


def ending(incident: Incident, known: Known, now: datetime) -> str:
    """How an incident ended, in words."""
    lasted = f"after {length(now - incident.since)}"
    if incident.subject == REFRESH:
        return f"the refresh runs again, {lasted}"
    if known.source(incident.subject) is None:
        return f"the source is switched off in the sources file, {lasted}"
    return f"it loads again, {lasted}"
