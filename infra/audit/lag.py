"""How long it takes from marketing's system to the CRM, and who is missing in either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra.audit.ground import Ground
from infra.audit.nouns import Column, Example, Finding, Section, Table

SLOW_HOURS = 24
MAPS = (("hubspot", "hubspot__contacts"), ("marketo", "marketo__leads"))
BUCKETS = (
    (0.0, "before marketing"), (0.25, "within 15 minutes"), (1.0, "within an hour"), (4.0, "within 4 hours"),
    (24.0, "within a day"), (72.0, "within 3 days"), (float("inf"), "later"),
)  # fmt: skip

LAG = Table(
    "lag",
    "Lag from marketing to CRM",
    "One row the pair of systems.",
    (
        Column("from_system", "The marketing system"),
        Column("pairs", "People with a record in both", "count"),
        Column("median_hours", "Half of them are in the CRM after this many hours", "number"),
        Column("p90_hours", "Nine of ten are", "number"),
        Column("worst_hours", "The longest it took", "number"),
        Column("crm_first", "People whom the CRM knew first: a negative lag, not counted in the three", "count"),
        Column("missing_in_crm", "MQLs in marketing without a CRM record", "count"),
        Column("missing_in_map", "CRM leads without a marketing record", "count"),
    ),
)  # fmt: skip
BUCKET = Table(
    "lag_distribution",
    "Distribution",
    "One row a stretch of time.",
    (
        Column("lag", "From the MQL date in marketing (the creation, where there is none) to the CRM record"),
        Column("people", "How many people", "count"),
        Column("share", "Their share", "share"),
    ),
)
MISSING = Table(
    "lag_missing",
    "Missing on one side",
    "One row a person that only one of the two systems knows.",
    (
        Column("missing_in", "CRM or marketing"),
        Column("record", "The record that is there"),
        Column("since", "Since when", "moment"),
    ),
)


def lag(ground: Ground) -> Section:
    """The chapter on the lag between the marketing system and the CRM."""
    systems = [name for name, table in MAPS if ground.counts[table]]
    intro = (
        "A person is an MQL in marketing first and a lead in the CRM afterwards. Between the two the counts of the "
        "systems differ for good reason; what never arrives makes them differ for good."
    )
    if not systems or not ground.counts["salesforce__lead"]:
        lacking = "a CRM with leads (raw.salesforce__lead)" if systems else "a marketing system"
        return Section(
            "lag",
            "Lag between marketing and CRM",
            intro,
            notes=(f"Cannot be told: {lacking} is not connected.",),
        )
    rows, lags, missing = [], [], []
    for system in systems:
        pairs = _lags(ground, system)
        gone = [*_missing_in_crm(ground, system), *_missing_in_map(ground, system)]
        after = sorted(hours for hours in pairs if hours >= 0)
        rows.append(
            (
                system, len(pairs), quantile(after, 0.5), quantile(after, 0.9), quantile(after, 1.0),
                len(pairs) - len(after), sum(row[0] == "CRM" for row in gone),
                sum(row[0] == "marketing" for row in gone),
            )
        )  # fmt: skip
        lags += pairs
        missing += gone
    return Section(
        "lag",
        "Lag between marketing and CRM",
        intro,
        (LAG.filled(rows), BUCKET.filled(_distribution(lags)), MISSING.filled(missing)),
        tuple(_findings(lags, missing)),
        facts=(
            ("median", _hours(quantile(sorted(h for h in lags if h >= 0), 0.5))),
            ("90 % within", _hours(quantile(sorted(h for h in lags if h >= 0), 0.9))),
            ("missing in the CRM", str(sum(row[0] == "CRM" for row in missing))),
            ("missing in marketing", str(sum(row[0] == "marketing" for row in missing))),
        ),
        ok="People arrive in the CRM within a day, and nobody is missing on either side.",
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the values do not exceed (nearest rank); None without values.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([1.0, 2.0, 3.0, 4.0], 0.9), quantile([], 0.5)
    (2.0, 4.0, None)
    """
    if not ordered:
        return None
    rank = -(-len(ordered) * share // 1)
    return round(ordered[max(int(rank), 1) - 1], 2)


def _lags(ground: Ground, system: str) -> list[float]:
    """Hours from the MQL date (else the creation) in marketing to the first CRM record, one a person."""
    return [
        hours
        for (hours,) in ground.ask(
            """
            WITH mql AS (
              SELECT person, MIN(occurred_at) AS at FROM audit.stage_event
              WHERE stage = 'mql' AND system = $1 GROUP BY 1
            ),
            map AS (
              SELECT p.person, MIN(r.created_at) AS at FROM audit.record AS r JOIN audit.person AS p ON p.node = r.node
              WHERE r.system = $1 GROUP BY 1
            ),
            crm AS (
              SELECT p.person, MIN(r.created_at) AS at FROM audit.record AS r JOIN audit.person AS p ON p.node = r.node
              WHERE r.system = 'salesforce' GROUP BY 1
            )
            SELECT DATE_DIFF('second', COALESCE(mql.at, map.at), crm.at) / 3600.0 FROM crm
            JOIN map ON map.person = crm.person LEFT JOIN mql ON mql.person = crm.person
            WHERE crm.at IS NOT NULL AND map.at IS NOT NULL
            """,
            system,
        )
    ]


def _missing_in_crm(ground: Ground, system: str) -> list[tuple[str, str, object]]:
    rows = ground.ask(
        """
        SELECT r.node, MIN(e.occurred_at) FROM audit.stage_event AS e
        JOIN audit.person AS p ON p.person = e.person
        JOIN audit.record AS r ON r.node = p.node AND r.system = $1 AND NOT r.is_gone
        WHERE e.stage = 'mql' AND e.system = $1 AND e.person NOT IN (
          SELECT p.person FROM audit.record AS c JOIN audit.person AS p ON p.node = c.node
          WHERE c.system = 'salesforce')
        GROUP BY r.node ORDER BY 2 DESC, 1
        """,
        system,
    )
    return [("CRM", node, at) for node, at in rows]


def _missing_in_map(ground: Ground, system: str) -> list[tuple[str, str, object]]:
    rows = ground.ask(
        """
        SELECT r.node, r.created_at FROM audit.record AS r JOIN audit.person AS p ON p.node = r.node
        WHERE r.system = 'salesforce' AND r.object = 'lead' AND NOT r.is_gone AND p.person NOT IN (
          SELECT p.person FROM audit.record AS m JOIN audit.person AS p ON p.node = m.node WHERE m.system = $1)
        ORDER BY 2 DESC, 1
        """,
        system,
    )
    return [("marketing", node, at) for node, at in rows]


def _distribution(lags: Sequence[float]) -> list[tuple[str, int, float]]:
    rows, below = [], float("-inf")
    for upper, label in BUCKETS:
        count = sum(below < hours <= upper for hours in lags) if upper else sum(hours < 0 for hours in lags)
        if below == 0:
            count += sum(hours == 0 for hours in lags)
        rows.append((label, count, count / len(lags) if lags else 0.0))
        below = upper
    return rows


def _hours(hours: float | None) -> str:
    if hours is None:
        return "none"
    if hours < 1 / 60:
        return "under a minute"
    return (
        f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
    )


def _findings(lags: Sequence[float], missing: Sequence[tuple[str, str, object]]) -> Iterator[Finding]:
    slow = quantile(sorted(hours for hours in lags if hours >= 0), 0.9)
    if slow is not None and slow > SLOW_HOURS:
        yield Finding(
            "lag_slow",
            "The CRM learns of people late",
            "medium",
            sum(hours > SLOW_HOURS for hours in lags),
            "MQLs of the last days of a month are missing in the CRM when the month is reported.",
            "Shorten the sync, or report a few days after the month's end.",
        )
    for side, code, matters in (
        ("CRM", "missing_in_crm", "Marketing counts them, sales never saw them."),
        ("marketing", "missing_in_map", "Sales works them, marketing cannot see where they came from."),
    ):
        gone = [row for row in missing if row[0] == side]
        if gone:
            yield Finding(
                code,
                f"People who are missing in {'the CRM' if side == 'CRM' else 'marketing'}",
                "high" if side == "CRM" else "medium",
                len(gone),
                matters,
                "Look at the sync's error list; sync them again.",
                tuple(Example("record", node, f"since {at}") for _, node, at in gone),
            )
