"""UTM conventions: how far links are tagged, which values are slips, which mediums nobody mapped, spend and clicks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple

from rapidfuzz import fuzz, process

from infra.audit.ground import Ground
from infra.audit.links import UNKNOWN, OddValue, delivered, odd_links, odd_values
from infra.audit.mapping import Rules
from infra.audit.nouns import Column, Example, Finding, Section, Table
from infra.audit.proposals import Proposal, value_proposals
from infra.mapping.decisions import UNDECIDED, Decisions

SURE = 80  # of 100: from here on a known value is proposed for an unknown one
NEAR = 90  # the same for names of campaigns, which are long and have much in common

COVERAGE = Table(
    "utm_coverage",
    "How far links are tagged",
    "One row an object that carries UTM parameters.",
    (
        Column("source_system", "Where the links were recorded"),
        Column("object", "The object"),
        Column("rows", "Links recorded", "count"),
        Column("tagged", "Links whose source and medium are both known", "count"),
        Column("coverage", "Their share", "share"),
        Column("with_campaign", "Share of links that name a campaign", "share"),
    ),
)
VALUES = Table(
    "utm_values",
    "Values that are not as they should be",
    "One row a value of a parameter, grouped by what it should be.",
    (
        Column("field", "source, medium or campaign"),
        Column("should_be", "What is proposed; empty where the value says nothing"),
        Column("value", "As it stands in links"),
        Column("problem", "casing, typo or unknown"),
        Column("rows", "Links that carry it", "count"),
    ),
)
MAPPING = Table(
    "utm_mapping",
    "Proposed channel mapping",
    "One row a value that no channel rule knows; those with a channel are in channel_rule.proposed.csv.",
    (
        Column("field", "The vendor's field: hubspot_source, lead_source or medium"),
        Column("value", "The value, in lower case"),
        Column("rows", "Rows that carry it", "count"),
        Column("channel", "The channel that is proposed; empty: a person must say"),
        Column("why", "What speaks for it"),
    ),
)
ALIASES = Table(
    "value_mapping",
    "Values that are probably another one",
    "One row a value that is written in more than one way and undecided: see `touchstone mapping`.",
    (
        Column("kind", "source, medium, campaign, content or product"),
        Column("from_value", "As it is recorded; campaigns and assets as a key"),
        Column("to_value", "What it probably means"),
        Column("rule", "typo, casing, drift (punctuation) or renamed (by its ad platform)"),
        Column("similarity", "Of the two, of 100", "count"),
        Column("rows", "Rows that carry it", "count"),
        Column("rows_to", "Rows that carry what it probably means", "count"),
        Column("evidence", "What speaks for it"),
    ),
)
SPEND = Table(
    "campaigns_without_match",
    "Spend without clicks, clicks without spend",
    "One row a campaign that spends and was never seen in a link, or that links name and no platform spends on.",
    (
        Column("problem", "`spends, never tracked` or `tracked, never spends`"),
        Column("campaign", "The campaign's key"),
        Column("platform", "Where it spends"),
        Column("spend", "What it spent, in the platform's currency", "number"),
        Column("links", "Links that name it", "count"),
        Column("nearest", "The most similar campaign on the other side"),
    ),
)


def utm(ground: Ground, rules: Rules, decisions: Decisions = UNDECIDED) -> Section:
    """The chapter on UTM conventions."""
    coverage = _coverage(ground)
    odd = odd_values(ground)
    mapping = proposals(ground, rules)
    aliases = undecided(ground, decisions)
    campaigns = _unmatched(ground)
    rows, tagged = sum(row[2] for row in coverage), sum(row[3] for row in coverage)
    links = odd_links(ground)
    return Section(
        "utm",
        "UTM conventions",
        "Links are tagged by people. Here is what they typed, what it probably means, and which value belongs to which "
        "channel. `unknown` and blanks count as not tagged; `(direct)` and `(none)` are what analytics writes for a "
        "visit without a link.",
        (
            COVERAGE.filled(coverage),
            VALUES.filled(
                [(one.field, one.meant or "", one.value, one.problem, one.rows) for one in _grouped(odd)]
            ),
            MAPPING.filled(mapping),
            ALIASES.filled([astuple(one) for one in aliases]),
            SPEND.filled(campaigns),
        ),
        tuple(_findings(ground, odd, mapping, campaigns, rows, tagged)) + _to_decide(aliases),
        facts=(
            ("links", f"{rows:,}"),
            ("tagged", f"{tagged / rows:.1%}" if rows else "none"),
            ("links with a fault", f"{len(links):,}"),
        ),
        notes=() if rows else ("No connected object carries UTM parameters.",),
        ok="Links are tagged, and every medium has its channel.",
    )


def undecided(ground: Ground, decisions: Decisions) -> tuple[Proposal, ...]:
    """The proposals that nobody has approved or rejected yet."""
    return tuple(
        one
        for one in value_proposals(ground)
        if not decisions.has_decided(one.kind, one.from_value, one.to_value)
    )


def _coverage(ground: Ground) -> list[tuple[str, str, int, int, float, float]]:
    blank = ", ".join(f"'{word}'" for word in sorted(UNKNOWN))
    return [
        (system, name, rows, tagged, tagged / rows, campaigns / rows)
        for system, name, rows, tagged, campaigns in ground.ask(f"""
            SELECT system, object, COUNT(*), COUNT(*) FILTER (WHERE LOWER(source) NOT IN ({blank})
              AND LOWER(medium) NOT IN ({blank})), COUNT(campaign)
            FROM audit.utm GROUP BY system, object ORDER BY system, object
        """)
        if (system, name) in delivered(ground)
    ]


def _grouped(odd: tuple[OddValue, ...]) -> list[OddValue]:
    return sorted(odd, key=lambda one: (one.field, one.meant or "~", one.value))


def proposals(ground: Ground, rules: Rules) -> list[tuple[str, str, int, str, str]]:
    """(field, value, rows, channel, why) of every value that the channel rules do not know."""
    seen = ground.ask("""
        SELECT field, value, SUM(n)::BIGINT FROM (
          SELECT 'medium' AS field, LOWER(medium) AS value, COUNT(*) AS n FROM audit.utm GROUP BY 2
          UNION ALL SELECT 'medium', LOWER(TRIM(medium)), SUM(sessions) FROM raw.ga4__sessions GROUP BY 2
          UNION ALL SELECT 'medium', LOWER(TRIM(utm_medium)), COUNT(*) FROM raw.hubspot__contacts GROUP BY 2
          UNION ALL
          SELECT 'hubspot_source', LOWER(TRIM(hs_analytics_source)), COUNT(*) FROM raw.hubspot__contacts GROUP BY 2
          UNION ALL SELECT 'lead_source', LOWER(TRIM(lead_source)), COUNT(*) FROM raw.salesforce__lead GROUP BY 2
          UNION ALL SELECT 'lead_source', LOWER(TRIM(lead_source)), COUNT(*) FROM raw.salesforce__contact GROUP BY 2
          UNION ALL SELECT 'lead_source', LOWER(TRIM(lead_source)), COUNT(*) FROM raw.marketo__leads GROUP BY 2
        ) WHERE value IS NOT NULL AND value <> '' AND value NOT IN (SELECT unnest($1))
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
    """, sorted(UNKNOWN))  # fmt: skip
    return [
        (field, value, rows, *_channel_for(ground, rules, field, value))
        for field, value, rows in seen
        if value not in rules.of(field)
    ]


def _channel_for(ground: Ground, rules: Rules, field: str, value: str) -> tuple[str, str]:
    known = rules.of(field)
    near = process.extractOne(value, known.keys(), scorer=fuzz.ratio, score_cutoff=SURE)
    if near:
        return known[near[0]], f"resembles {near[0]!r} ({near[1]:.0f} of 100)"
    if value in rules.channels:
        return value, "is the name of a channel"
    if field == "medium" and (together := _same_people(ground, value)):
        return together
    return "", "resembles nothing that is mapped"


def _same_people(ground: Ground, medium: str) -> tuple[str, str] | None:
    """What the original source of the contacts who came by this medium says, where most agree."""
    rows = ground.ask(
        """
        SELECT r.channel, COUNT(*), SUM(COUNT(*)) OVER () FROM raw.hubspot__contacts AS c
        JOIN audit.channel_rule AS r ON r.field = 'hubspot_source' AND r.value = LOWER(TRIM(c.hs_analytics_source))
        WHERE LOWER(TRIM(c.utm_medium)) = ? GROUP BY r.channel ORDER BY 2 DESC, 1 LIMIT 1
        """,
        medium,
    )
    if rows and rows[0][1] * 2 > rows[0][2]:
        return rows[0][0], f"the original source of {rows[0][1]} of {rows[0][2]} contacts who came by it"
    return None


def _unmatched(ground: Ground) -> list[tuple[str, str, str, float | None, int, str]]:
    if not ground.value("SELECT COUNT(*) FROM audit.spend") or not ground.value(
        "SELECT COUNT(*) FROM audit.utm"
    ):
        return []
    spending = {
        name: (platform, float(amount))
        for name, platform, amount in ground.ask("""
            SELECT slug(campaign), STRING_AGG(DISTINCT platform, ', '), SUM(amount) FROM audit.spend
            WHERE campaign IS NOT NULL GROUP BY 1 HAVING SUM(amount) > 0
        """)
    }
    blanks = {word.replace(" ", "-") for word in UNKNOWN}
    tracked = {
        name: links
        for name, links in ground.ask("""
            SELECT slug(campaign), COUNT(*) FROM (
              SELECT campaign FROM audit.utm UNION ALL SELECT campaign FROM audit.touch WHERE kind <> 'form'
              UNION ALL SELECT campaign FROM raw.ga4__sessions
            ) WHERE slug(campaign) IS NOT NULL GROUP BY 1
        """)
        if name not in blanks
    }
    lonely = sorted(set(spending) - set(tracked), key=lambda name: -spending[name][1])
    free = sorted(set(tracked) - set(spending), key=lambda name: -tracked[name])
    return [
        ("spends, never tracked", name, spending[name][0], round(spending[name][1], 2), 0, _nearest(name, free))
        for name in lonely
    ] + [("tracked, never spends", name, "", None, tracked[name], _nearest(name, lonely)) for name in free]  # fmt: skip


def _nearest(name: str, others: list[str]) -> str:
    near = process.extractOne(name, others, scorer=fuzz.ratio, score_cutoff=NEAR)
    return str(near[0]) if near else ""


def _to_decide(aliases: tuple[Proposal, ...]) -> tuple[Finding, ...]:
    if not aliases:
        return ()
    finding = Finding(
        "value_mapping",
        "Values that are probably another one",
        "medium",
        len(aliases),
        "One source, campaign, asset or product is reported as two until somebody says that they are one.",
        "`touchstone mapping propose`, then approve or reject each; approved ones count from the next refresh on.",
        tuple(
            Example(one.kind, one.from_value, f"{one.to_value}? {one.rule}: {one.evidence}")
            for one in aliases
        ),
    )
    return (finding,)


def _findings(
    ground: Ground,
    odd: tuple[OddValue, ...],
    mapping: list[tuple[str, str, int, str, str]],
    campaigns: list[tuple[str, str, str, float | None, int, str]],
    rows: int,
    tagged: int,
) -> Iterator[Finding]:
    if rows and tagged < 0.95 * rows:
        yield Finding(
            "utm_coverage",
            "Too few links are tagged",
            "high" if tagged < 0.8 * rows else "medium",
            rows - tagged,
            "What is not tagged cannot be given to a channel, and looks like direct traffic.",
            "Give every campaign its links from one place; see the coverage by object.",
        )
    if odd:
        yield Finding(
            "utm_values",
            "UTM values that are mistyped",
            "medium",
            len(odd),
            "Each spelling makes a source or campaign of its own.",
            "Correct the links; agree on lower case.",
            tuple(Example(f"utm_{one.field}", one.value, _told(one)) for one in odd),
        )
    if mapping:
        yield Finding(
            "utm_unmapped",
            "Values that no channel rule knows",
            "medium",
            len(mapping),
            "They make channels of their own beside the agreed ones.",
            "Review channel_rule.proposed.csv and put it in place of sqlmesh/seeds/channel_rule.csv.",
            tuple(
                Example(field, value, f"{count:,} rows; {channel or 'no proposal'}: {why}")
                for field, value, count, channel, why in mapping
            ),
        )
    lonely = [row for row in campaigns if row[3]]
    if lonely:
        yield Finding(
            "spend_untracked",
            "Campaigns that spend without a tracked click",
            "medium",
            len(lonely),
            "Money whose effect nobody can see.",
            "Tag their links with the campaign's own name; see also renamed campaigns (case 37).",
            tuple(Example("campaign", row[1], f"{row[3]:,.2f} on {row[2]}") for row in lonely),
        )
    free = [row for row in campaigns if not row[3]]
    if free:
        yield Finding(
            "tracked_unspent",
            "Tracked campaigns without spend",
            "info",
            len(free),
            "Either they cost nothing, or their cost is not connected.",
            "Connect the platform they run on, or load their cost as a file.",
            tuple(Example("campaign", row[1], f"{row[4]:,} links") for row in free),
        )


def _told(one: OddValue) -> str:
    return f"{one.problem} in {one.rows:,} links" + (f", meant {one.meant}" if one.meant else "")
