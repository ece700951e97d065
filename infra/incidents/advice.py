"""What to do about an incident, by what it is and by what the source's answer says."""

from __future__ import annotations

import re

from infra.incidents.facts import Facts
from infra.incidents.states import REFRESH
from infra.incidents.store import Incident

# How ingestion words a failure, and what cures it. The first that fits is told.
CAUSES = (
    (r"environment variable", "Set the environment variable that the message names, where the refresh runs."),
    (  # before what follows: Salesforce says it with 403
        r"quota of the day|answered (429|error 606)|asks to wait",
        "Its limit of calls is used up: wait until it is free again, and see what else calls with the same account.",
    ),
    (
        r"answered (401|403|error 60[123])|invalid_grant|invalid_client|not accepted|permission is missing",
        "Its credentials were refused: renew the token, or give it back the permissions that ingest/README.md lists.",
    ),
    (
        r"is promised as|at the vendor \(field",
        "A field has another type than promised: nothing of it was loaded. Ask the owner of the system what changed.",
    ),
    (
        r"did not answer|failed: |answered (5\d\d|408)|breaks off|where JSON was expected",
        "It cannot be reached or is disturbed: look at its status page. Nothing needs to be changed here.",
    ),
)


def advice(incident: Incident, facts: Facts) -> tuple[str, ...]:
    """The steps, in order."""
    if incident.subject == REFRESH:
        return _of_idleness() if incident.kind == "late" else _of_refresh(facts)
    if incident.kind == "failed":
        return _of_failure(incident)
    if incident.kind == "late":
        return (
            "See whether the scheduled refresh reads it, and whether it ends: `touchstone health`.",
            "`touchstone refresh` reads it now.",
        )
    return (
        f"See in {incident.subject} itself whether there are newer records, and whether the export or job that fills it"
        " still runs.",
        f"If it is quiet by nature, raise `newest_within` of {incident.subject} in the sources file.",
    )


def _of_failure(incident: Incident) -> tuple[str, ...]:
    cures = (cure for pattern, cure in CAUSES if re.search(pattern, incident.what, re.IGNORECASE))
    return (
        *[next(cures, "Read the message above: it names what is wrong.")],
        f"`touchstone ingest check {incident.subject}` says what works, what is missing, and in which scope.",
        "`touchstone refresh` reads it again and publishes. The next scheduled refresh does so by itself.",
    )


def _of_refresh(facts: Facts) -> tuple[str, ...]:
    stage = facts.known.refresh.stage
    if stage == "audits":
        return (
            "`touchstone refresh` prints the query that shows the rows which break the promise.",
            "Put them right in the system they come from (or the model, if the promise is wrong), and refresh again.",
        )
    if stage == "models":
        return (
            "The output of `touchstone refresh` says why the model could not be built.",
            "If a release changed the models, go back to the one before; then refresh again.",
        )
    return (
        "`TOUCHSTONE_DEBUG=1 touchstone refresh` prints the whole failure.",
        "See that the disk of TOUCHSTONE_HOME has room, and refresh again: it heals what was left half done.",
    )


def _of_idleness() -> tuple[str, ...]:
    return (
        "See whether what starts `touchstone refresh` (cron, a timer, an orchestrator) still runs, and its log.",
        "`touchstone refresh` reads and publishes now.",
    )
