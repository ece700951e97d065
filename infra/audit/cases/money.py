"""Cases 38 to 40: money and time."""

from infra.audit.cases.case import CRM_DEALS, Case
from infra.audit.ground import Ground
from infra.audit.nouns import Example

FAMILY = "Money and time"
SPEND = (
    "linkedin_ads__analytics",
    "google_ads__campaign_day",
    "meta_ads__insights",
    "microsoft_ads__campaign_day",
    "files__spend",
)
MQLS = ("hubspot__contact_lifecycle", "marketo__leads", "files__leads")

CASES = (
    Case(
        38,
        "Foreign currencies, negative cost",
        FAMILY,
        "medium",
        "A live deal in another currency than the reporting one; an ad account that spends in one; a day of spend "
        "below zero.",
        "Added as if they were one currency the sum is wrong; a correction looks like free advertising.",
        "Keep exchange rates loaded for every currency and day; accept corrections as they are.",
        ((*CRM_DEALS[0], *SPEND),),
    ),
    Case(
        39,
        "At the edge of a month",
        FAMILY,
        "low",
        "A person who reached a stage in the first or last second of a month, UTC. Counted where the system tells "
        "the time of day.",
        "In another time zone they belong to another month.",
        "Agree on one time zone for reports (UTC here).",
        (("hubspot__contact_lifecycle", "marketo__leads", "salesforce__lead", "files__leads"),),
        """
        WITH exact AS (
          SELECT system FROM audit.stage_event GROUP BY system
          HAVING AVG((occurred_at = DATE_TRUNC('day', occurred_at))::INT) < 0.5
        )
        SELECT 'person', person, STRING_AGG(DISTINCT stage || ' at ' || occurred_at::VARCHAR, ', ')
        FROM audit.stage_event
        WHERE system IN (SELECT system FROM exact) AND DATE_TRUNC('second', occurred_at) IN (
          DATE_TRUNC('month', occurred_at), DATE_TRUNC('month', occurred_at + INTERVAL 1 SECOND) - INTERVAL 1 SECOND)
        GROUP BY person
        """,
    ),
    Case(
        40,
        "Months and channels that spend without an MQL",
        FAMILY,
        "info",
        "A month and channel with spend and without a person who first became an MQL in it (deleted people left out), "
        "from the first month on that has MQLs.",
        "Cost per MQL has no denominator there: it is empty, not zero.",
        "Nothing to repair; ask whether the money was well spent.",
        (SPEND, MQLS),
    ),
)


def foreign_money(ground: Ground) -> list[Example]:
    """Case 38."""
    rows = ground.ask(
        """
        SELECT 'deal', deal_id, COALESCE(amount::VARCHAR || ' ', '') || currency FROM audit.deal
        WHERE NOT is_deleted AND currency <> $1
        UNION ALL
        SELECT 'spend', platform, COUNT(*)::VARCHAR || ' days in ' || currency FROM audit.spend
        WHERE currency <> $1 GROUP BY platform, currency
        UNION ALL
        SELECT 'spend', COALESCE(campaign, platform), amount::VARCHAR || ' on ' || day::VARCHAR FROM audit.spend
        WHERE amount < 0
        ORDER BY 1, 2, 3
        """,
        ground.currency,
    )
    return [Example(*row) for row in rows]


def zero_denominators(ground: Ground) -> list[Example]:
    """Case 40."""
    rows = ground.ask("""
        WITH first_mql AS (
          SELECT person, MIN(occurred_at) AS at FROM audit.stage_event WHERE stage = 'mql' GROUP BY person
        ),
        record AS (
          SELECT p.person, p.node, 1 AS priority, c.createdate AS created_at,
            COALESCE(s.channel, m.channel) AS channel, NOT COALESCE(c.archived, FALSE) AS is_live
          FROM raw.hubspot__contacts AS c JOIN audit.person AS p ON p.node = 'hubspot:contact:' || c.id
          LEFT JOIN audit.channel_rule AS s
            ON s.field = 'hubspot_source' AND s.value = LOWER(TRIM(c.hs_analytics_source))
          LEFT JOIN audit.channel_rule AS m ON m.field = 'medium' AND m.value = LOWER(TRIM(c.utm_medium))
          UNION ALL
          SELECT p.person, p.node, 2, l.created_at, COALESCE(s.channel, m.channel), TRUE FROM raw.marketo__leads AS l
          JOIN audit.person AS p ON p.node = 'marketo:lead:' || l.id
          LEFT JOIN audit.channel_rule AS s ON s.field = 'lead_source' AND s.value = LOWER(TRIM(l.lead_source))
          LEFT JOIN audit.channel_rule AS m ON m.field = 'medium' AND m.value = LOWER(TRIM(l.utm_medium))
          UNION ALL
          SELECT p.person, p.node, 3, l.created_at, known(l.channel), NOT COALESCE(l.is_deleted, FALSE)
          FROM raw.files__leads AS l JOIN audit.person AS p ON p.node = 'files:lead:' || l.lead_id
        ),
        -- A person of several records came from one channel: the first known one of the most credible system.
        origin AS (
          SELECT person, FIRST(channel ORDER BY channel IS NULL, priority, created_at, node) AS channel
          FROM record GROUP BY person HAVING BOOL_OR(is_live)
        ),
        seen AS (
          SELECT DISTINCT DATE_TRUNC('month', f.at)::DATE AS month, o.channel FROM first_mql AS f
          JOIN origin AS o ON o.person = f.person
        ),
        paid AS (
          SELECT DATE_TRUNC('month', day)::DATE AS month, channel FROM audit.spend
          WHERE channel IS NOT NULL GROUP BY 1, 2 HAVING SUM(amount) > 0
        )
        SELECT 'month and channel', STRFTIME(p.month, '%Y-%m') || ' ' || p.channel, 'spend without an MQL'
        FROM paid AS p LEFT JOIN seen AS s ON s.month = p.month AND s.channel = p.channel
        WHERE s.month IS NULL AND p.month >= (SELECT MIN(month) FROM seen) ORDER BY 2
    """)
    return [Example(*row) for row in rows]


FINDERS = {38: foreign_money, 40: zero_denominators}
