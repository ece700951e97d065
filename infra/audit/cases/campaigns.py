"""Cases 34 to 37: campaigns and their names."""

from rapidfuzz import fuzz

from infra.audit.cases.case import Case
from infra.audit.ground import Ground, once
from infra.audit.links import odd_links
from infra.audit.nouns import Example

FAMILY = "Campaigns"
AD_SPEND = (
    "linkedin_ads__analytics",
    "google_ads__campaign_day",
    "meta_ads__insights",
    "microsoft_ads__campaign_day",
    "files__spend",
)
NAMES = ("salesforce__campaign", "hubspot__campaigns", "marketo__programs", "hubspot__form_submissions")
ALIKE = 92  # of 100: from here on two names are taken for one, where their numbers agree

CASES = (
    Case(
        34,
        "UTM case, typos, missing, unknown",
        FAMILY,
        "medium",
        "A form submission, touch or lead whose source or medium is blank, says `unknown`, is cased unlike the rest or "
        "is a slip of a common value; or whose campaign is a slip of a known one. Counted where the source system "
        "delivers UTM parameters at all.",
        "Its channel is guessed or lost: budgets are judged without it.",
        "Correct the links; approve the proposed mapping for what cannot be corrected.",
        (("hubspot__form_submissions", "marketo__leads", "files__touches", "files__leads"),),
    ),
    Case(
        35,
        "Names that drift",
        FAMILY,
        "medium",
        "A live deal whose product, or a campaign whose tracked name, differs from a more common one only in case, "
        "blanks or punctuation (`GTXPro`, `GTX Pro`).",
        "One product or campaign is reported as two.",
        "Choose one spelling; make the field a pick list.",
    ),
    Case(
        36,
        "Campaign cycles and orphans",
        FAMILY,
        "medium",
        "A ring of campaigns that are each other's ancestors (counted once), or a live campaign whose parent is gone.",
        "Costs of a hierarchy are added twice, or to nothing.",
        "Give the campaign a parent that exists, or none.",
        (("salesforce__campaign",),),
        """
        WITH RECURSIVE live AS (SELECT * FROM audit.campaign WHERE system = 'salesforce'),
        walk AS (
          SELECT campaign_id AS start, parent_id, campaign_id AS least, 1 AS depth FROM live WHERE parent_id IS NOT NULL
          UNION ALL
          SELECT w.start, l.parent_id, LEAST(w.least, l.campaign_id), w.depth + 1 FROM walk AS w
          JOIN live AS l ON l.campaign_id = w.parent_id
          WHERE l.parent_id IS NOT NULL AND w.parent_id <> w.start AND w.depth < 50
        )
        SELECT 'campaign', least, 'it is its own ancestor' FROM walk WHERE parent_id = start GROUP BY least
        UNION ALL
        SELECT 'campaign', c.campaign_id, c.name || ': its parent is gone' FROM live AS c
        LEFT JOIN live AS p ON p.campaign_id = c.parent_id
        WHERE c.parent_id IS NOT NULL AND p.campaign_id IS NULL
        """,
    ),
    Case(
        37,
        "Ad campaigns that were renamed",
        FAMILY,
        "high",
        "A campaign that spends under a name that no link, CRM or marketing campaign bears, while one that does not "
        "spend bears nearly the same name; or an ad campaign with several names in its own history.",
        "Its cost and its leads are two campaigns: one costs and brings nothing, the other is free.",
        "Rename it back, or tell the links; keep ids in names.",
        (AD_SPEND, NAMES),
    ),
)


def bad_links(ground: Ground) -> list[Example]:
    """Case 34."""
    return [Example(one.object, one.id, one.detail) for one in odd_links(ground)]


def drifting_names(ground: Ground) -> list[Example]:
    """Case 35."""
    best = {product: usual for product, usual, _ in product_drift(ground)}
    deals = [
        Example("deal", deal, f"{product}, usually {best[product]}")
        for deal, product in ground.ask(
            "SELECT deal_id, product FROM audit.deal WHERE NOT is_deleted AND product IS NOT NULL ORDER BY deal_id"
        )
        if product in best
    ]
    return [
        *deals,
        *(Example("campaign", name, f"elsewhere {usual}") for name, usual in campaign_drift(ground)),
    ]


def product_drift(ground: Ground) -> list[tuple[str, str, int]]:
    """(product, how it is usually written, deals) of every product that is written in several ways."""
    return ground.ask("""
        WITH spelt AS (
          SELECT product, squeezed(product) AS key, COUNT(*) AS deals FROM audit.deal
          WHERE product IS NOT NULL AND NOT is_deleted GROUP BY product
        ),
        usual AS (
          SELECT *, FIRST_VALUE(product) OVER (PARTITION BY key ORDER BY deals DESC, product) AS best FROM spelt
        )
        SELECT product, best, deals FROM usual WHERE product <> best ORDER BY product
    """)


def campaign_drift(ground: Ground) -> list[tuple[str, str]]:
    """(key, the more common key) of every campaign that is written in several ways."""
    return ground.ask("""
        WITH spelt AS (
          SELECT slug(utm) AS name, squeezed(utm) AS key, COUNT(*) AS times FROM audit.campaign
          WHERE slug(utm) IS NOT NULL GROUP BY 1, 2
        ),
        usual AS (SELECT *, FIRST_VALUE(name) OVER (PARTITION BY key ORDER BY times DESC, name) AS best FROM spelt)
        SELECT name, best FROM usual WHERE name <> best ORDER BY name
    """)


def renamed_ads(ground: Ground) -> list[Example]:
    """Case 37."""
    paired = [
        Example("campaign", name, f"on {platform}; elsewhere {before}")
        for name, platform, before in renamed_pairs(ground)
    ]
    twice = ground.ask("""
        SELECT 'campaign', slug(c.name), 'also called ' || STRING_AGG(DISTINCT d.campaign_name, ', ') FROM (
          SELECT customer_id AS account, campaign_id, campaign_name FROM raw.google_ads__campaign_day
          UNION ALL SELECT account_id, campaign_id, campaign_name FROM raw.meta_ads__insights) AS d
        JOIN (SELECT customer_id AS account, id, name FROM raw.google_ads__campaigns
              UNION ALL SELECT account_id, id, name FROM raw.meta_ads__campaigns) AS c
          ON c.id = d.campaign_id AND c.account = d.account AND slug(c.name) <> slug(d.campaign_name)
        GROUP BY slug(c.name)
    """)
    seen = {one.entity_id for one in paired}
    return paired + [Example(*row) for row in twice if row[1] not in seen]


@once
def renamed_pairs(ground: Ground) -> tuple[tuple[str, str, str], ...]:
    """(campaign, platform, its probable other name) of campaigns that spend under a name that nobody else uses."""
    spending = dict(
        ground.ask("""
            SELECT slug(campaign), MIN(platform) FROM audit.spend WHERE campaign IS NOT NULL AND amount > 0 GROUP BY 1
        """)
    )
    named = {
        name
        for (name,) in ground.ask("""
            SELECT slug(utm) FROM audit.campaign WHERE system IN ('salesforce', 'hubspot', 'marketo')
            UNION SELECT slug(campaign) FROM audit.utm UNION SELECT slug(campaign) FROM audit.touch
        """)
        if name
    }
    free = sorted(named - set(spending))
    return tuple(
        (name, platform, before)
        for name, platform in sorted(spending.items())
        if name not in named and (before := _former_name(name, free))
    )


def _former_name(name: str, free: list[str]) -> str | None:
    begun = [other for other in free if name.startswith(other) or other.startswith(name)]
    if begun:
        return max(begun, key=len)
    digits = [one for one in name.split("-") if one.isdigit()]
    alike = [
        (fuzz.ratio(name, other), other)
        for other in free
        if [one for one in other.split("-") if one.isdigit()] == digits
    ]
    best = max(alike, default=(0.0, ""))
    return best[1] if best[0] >= ALIKE else None


FINDERS = {34: bad_links, 35: drifting_names, 37: renamed_ads}
