"""What each metric is made of: the glossary's arithmetic, said once more in Python."""

from collections.abc import Callable
from decimal import Decimal

TARGETED = (
    "leads",
    "mqls",
    "sqls",
    "opportunities",
    "closed_won",
    "pipeline_created",
    "closed_won_revenue",
    "marketing_spend",
)
# Metrics that are 0 where nothing happened.
SIMPLE = (
    "leads",
    "cohort_leads",
    "mature_cohort_leads",
    "mqls",
    "recycled_mqls",
    "sqls",
    "opportunities",
    "closed_deals",
    "closed_won",
    "closed_lost",
    "cohort_mqls",
    "cohort_sqls",
    "cohort_opportunities",
    "cohort_customers",
    "cohort_mqls_to_sql",
    "cohort_mqls_to_won",
    "cohort_sqls_to_opportunity",
    "cohort_opportunities_to_won",
    "marketing_spend",
    "campaign_spend",
    "impressions",
    "clicks",
    "pipeline_created",
    "open_pipeline",
    "marketing_sourced_pipeline",
    "marketing_influenced_pipeline",
    "closed_won_revenue",
    "shared_revenue",
    "marketing_sourced_revenue",
    "marketing_influenced_revenue",
    "attributed_mqls",
    "attributed_pipeline",
    "attributed_revenue",
    "marketing_attributed_revenue",
    "campaign_attributed_revenue",
    "content_attributed_revenue",
    "unattributed_revenue",
    "campaign_sourced_pipeline",
    "campaign_influenced_pipeline",
    "content_touches",
    "content_influenced_revenue",
    "touches",
    "tagged_touches",
    "identified_touches",
    "sessions",
    "web_conversions",
)
BALANCES = ("open_pipeline",)
# Metrics that are missing where nobody knows: no target was set, no asset or cohort is there to be judged.
WHERE_KNOWN = (
    *(f"{metric}_target" for metric in TARGETED),
    "cost_per_mql_target_sum",
    "cost_per_mql_target_months",
    "cohort_revenue",
    "cohort_spend",
    "deals_closed_with_content",
    "deals_won_with_content",
    "deals_closed_for_content",
    "deals_won_for_content",
    "deals_lost_with_content",
    "deals_lost_for_content",
    "assets_compared",
    "content_sequence_deals",
    "deals_won_with_sequence",
    "revenue_with_sequence",
    "deals_closed_for_sequence",
    "deals_won_for_sequence",
    "deals_won_in_stage",
    "deals_lost_in_stage",
    "deals_won_with_stage_content",
    "deals_lost_with_stage_content",
    "stages_compared",
    "content_assets",
    "content_key_assets",
    "content_year_revenue",
    "content_cumulative_share",
    "source_difference",
    "source_total",
)
# What `true_answers_by` tells of each attribution model, of each campaign and program, of each asset.
CREDIT_METRICS = {  # and which kind of credit they are made of
    "attributed_mqls": "mql",
    "attributed_pipeline": "pipeline",
    "attributed_revenue": "revenue",
    "marketing_attributed_revenue": "revenue",
    "campaign_attributed_revenue": "revenue",
    "content_attributed_revenue": "revenue",
    "unattributed_revenue": "revenue",
    "unattributed_revenue_share": "revenue",
    "marketing_roi": "revenue",
    "roas": "revenue",
    "campaign_roi": "revenue",
    "content_assets": "revenue",
    "content_key_assets": "revenue",
    "content_concentration": "revenue",
    "content_year_revenue": "revenue",
    "content_cumulative_share": "revenue",
}
OWNER_METRICS = frozenset({"shared_revenue"})
CAMPAIGN_METRICS = frozenset(
    {
        "campaign_sourced_pipeline",
        "campaign_influenced_pipeline",
        "campaign_attributed_revenue",
        "campaign_spend",
        "campaign_roi",
        "time_to_revenue",
        "cohort_maturity",
        "cohort_revenue",
        "cohort_roi",
    }
)
CONTENT_METRICS = frozenset(
    {
        "content_touches",
        "content_influenced_revenue",
        "content_attributed_revenue",
        "content_win_rate_lift",
        "deals_closed_with_content",
        "deals_won_with_content",
        "content_prevalence_won",
        "content_prevalence_lost",
        "content_prevalence_difference",
        "content_prevalence_difference_low",
        "content_prevalence_difference_high",
        "content_assets",
        "content_key_assets",
        "content_year_revenue",
        "content_cumulative_share",
    }
)
SEQUENCE_METRICS = frozenset(
    {
        "content_sequence_deals",
        "content_sequence_support",
        "content_sequence_win_rate",
        "content_sequence_deal_size",
        "content_sequence_lift",
    }
)
GAP_METRICS = frozenset(
    {"stage_content_won", "stage_content_lost", "content_gap", "content_gap_low", "content_gap_high"}
)
# metric: (numerator, denominator)
RATIOS = {
    "lead_to_mql_rate": ("mqls", "leads"),
    "mql_to_sql_rate": ("sqls", "mqls"),
    "sql_to_opportunity_rate": ("opportunities", "sqls"),
    "win_rate": ("closed_won", "closed_deals"),
    "mql_to_won_rate": ("closed_won", "mqls"),
    "lead_to_customer_rate": ("closed_won", "leads"),
    "cohort_maturity": ("mature_cohort_leads", "cohort_leads"),
    "lead_to_mql_rate_cohort": ("cohort_mqls", "leads"),
    "mql_to_sql_rate_cohort": ("cohort_mqls_to_sql", "cohort_mqls"),
    "sql_to_opportunity_rate_cohort": ("cohort_sqls_to_opportunity", "cohort_sqls"),
    "win_rate_cohort": ("cohort_opportunities_to_won", "cohort_opportunities"),
    "mql_to_won_rate_cohort": ("cohort_mqls_to_won", "cohort_mqls"),
    "lead_to_customer_rate_cohort": ("cohort_customers", "leads"),
    "days_lead_to_mql": ("days_lead_mql", "count_lead_mql"),
    "days_mql_to_sql": ("days_mql_sql", "count_mql_sql"),
    "days_sql_to_opportunity": ("days_sql_opportunity", "count_sql_opportunity"),
    "ctr": ("clicks", "impressions"),
    "cpc": ("marketing_spend", "clicks"),
    "cost_per_lead": ("marketing_spend", "leads"),
    "cost_per_mql": ("marketing_spend", "mqls"),
    "cost_per_sql": ("marketing_spend", "sqls"),
    "cost_per_opportunity": ("marketing_spend", "opportunities"),
    "customer_acquisition_cost": ("marketing_spend", "closed_won"),
    "average_deal_size": ("closed_won_revenue", "closed_won"),
    "pipeline_velocity": ("days_to_close", "closed_deals"),
    "pipeline_velocity_won": ("days_to_win", "closed_won"),
    "marketing_sourced_pipeline_share": ("marketing_sourced_pipeline", "pipeline_created"),
    "marketing_influenced_pipeline_share": ("marketing_influenced_pipeline", "pipeline_created"),
    "marketing_sourced_revenue_share": ("marketing_sourced_revenue", "closed_won_revenue"),
    "marketing_influenced_revenue_share": ("marketing_influenced_revenue", "closed_won_revenue"),
    "marketing_efficiency_ratio": ("closed_won_revenue", "marketing_spend"),
    "roas": ("marketing_attributed_revenue", "marketing_spend"),
    "unattributed_revenue_share": ("unattributed_revenue", "attributed_revenue"),
    "time_to_revenue": ("days_to_revenue", "campaigns_of_wins"),
    "utm_coverage": ("tagged_touches", "touches"),
    "identity_match_rate": ("identified_touches", "touches"),
    "web_conversion_rate": ("web_conversions", "sessions"),
    "source_variance": ("source_difference", "source_total"),
    "content_prevalence_won": ("deals_won_with_content", "deals_won_for_content"),
    "content_prevalence_lost": ("deals_lost_with_content", "deals_lost_for_content"),
    "content_sequence_support": ("content_sequence_deals", "deals_closed_for_sequence"),
    "content_sequence_win_rate": ("deals_won_with_sequence", "content_sequence_deals"),
    "content_sequence_deal_size": ("revenue_with_sequence", "deals_won_with_sequence"),
    "stage_content_won": ("deals_won_with_stage_content", "deals_won_in_stage"),
    "stage_content_lost": ("deals_lost_with_stage_content", "deals_lost_in_stage"),
    "content_concentration": ("content_key_assets", "content_assets"),
}
# By month and in total only: targets of the whole company have no channel.
ATTAINMENTS = {f"{metric}_attainment": (metric, f"{metric}_target") for metric in TARGETED}
WITHOUT_CHANNEL = frozenset({*ATTAINMENTS, "cost_per_mql_attainment"})
NINETY_FIVE = Decimal("1.959963984540054")  # 95 % of the normal distribution lie within so many deviations
Formula = Callable[..., Decimal | float | None]


def _ratio(over: Decimal, under: Decimal) -> float | None:
    return float(over / under) if under else None


def _return_on(gained: Decimal, spent: Decimal) -> float | None:
    return float((gained - spent) / spent) if spent > 0 else None


def _sales_velocity(
    opened: Decimal, closed: Decimal, won: Decimal, revenue: Decimal, days: Decimal
) -> float | None:
    """Deals opened x win rate x mean deal size / mean days to close."""
    if not closed or not won or not days:
        return None
    return float(opened * (won / closed) * (revenue / won) / (days / closed))


def _lift(won_with: Decimal, closed_with: Decimal, won: Decimal, closed: Decimal) -> float | None:
    return float(won_with / closed_with - won / closed) if closed_with and closed else None


def _difference(won_with: Decimal, won: Decimal, lost_with: Decimal, lost: Decimal) -> float | None:
    return float(won_with / won - lost_with / lost) if won and lost else None


def _sequence_lift(won_with: Decimal, closed_with: Decimal, won: Decimal, closed: Decimal) -> float | None:
    return float(won_with / closed_with / (won / closed)) if closed_with and won else None


def _low(won_with: Decimal, won: Decimal, lost_with: Decimal, lost: Decimal, parts: Decimal) -> float | None:
    """The lower end of Newcombe's interval of a difference of two shares, for one thing alone."""
    if parts != 1 or not won or not lost:
        return None
    down = won_with / won - _wilson(won_with, won)[0]
    up = _wilson(lost_with, lost)[1] - lost_with / lost
    return float(won_with / won - lost_with / lost - (down * down + up * up).sqrt())


def _high(won_with: Decimal, won: Decimal, lost_with: Decimal, lost: Decimal, parts: Decimal) -> float | None:
    """The upper end: the lower one of the difference the other way round."""
    low = _low(lost_with, lost, won_with, won, parts)
    return None if low is None else -low


def _wilson(count: Decimal, total: Decimal) -> tuple[Decimal, Decimal]:
    """The shares p for which |count / total - p| is as large as chance has it: the roots of a square equation."""
    z2 = NINETY_FIVE * NINETY_FIVE
    a, b, c = total + z2, -(2 * count + z2), count * count / total
    root = (b * b - 4 * a * c).sqrt()
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def _only_month(total: Decimal, months: Decimal) -> Decimal | None:
    """The target of a ratio belongs to one month: targets of ratios do not add up."""
    return total if months == 1 else None


def _attained_cost(spend: Decimal, mqls: Decimal, total: Decimal, months: Decimal) -> float | None:
    target = _only_month(total, months)
    return float(spend / mqls / target) if mqls and target else None


PREVALENCE = (
    "deals_won_with_content",
    "deals_won_for_content",
    "deals_lost_with_content",
    "deals_lost_for_content",
)
GAP = (
    "deals_won_with_stage_content",
    "deals_won_in_stage",
    "deals_lost_with_stage_content",
    "deals_lost_in_stage",
)
# metric: (what it is made of, how)
FORMULAS: dict[str, tuple[tuple[str, ...], Formula]] = {
    **{metric: (parts, _ratio) for metric, parts in {**RATIOS, **ATTAINMENTS}.items()},
    "sales_velocity": (
        ("opportunities", "closed_deals", "closed_won", "closed_won_revenue", "days_to_close"),
        _sales_velocity,
    ),
    "marketing_roi": (("marketing_attributed_revenue", "marketing_spend"), _return_on),
    "campaign_roi": (("campaign_attributed_revenue", "campaign_spend"), _return_on),
    "cohort_roi": (("cohort_revenue", "cohort_spend"), _return_on),
    "content_win_rate_lift": (
        (
            "deals_won_with_content",
            "deals_closed_with_content",
            "deals_won_for_content",
            "deals_closed_for_content",
        ),
        _lift,
    ),
    "content_prevalence_difference": (PREVALENCE, _difference),
    "content_prevalence_difference_low": ((*PREVALENCE, "assets_compared"), _low),
    "content_prevalence_difference_high": ((*PREVALENCE, "assets_compared"), _high),
    "content_gap": (GAP, _difference),
    "content_gap_low": ((*GAP, "stages_compared"), _low),
    "content_gap_high": ((*GAP, "stages_compared"), _high),
    "content_sequence_lift": (
        (
            "deals_won_with_sequence",
            "content_sequence_deals",
            "deals_won_for_sequence",
            "deals_closed_for_sequence",
        ),
        _sequence_lift,
    ),
    "cost_per_mql_target": (("cost_per_mql_target_sum", "cost_per_mql_target_months"), _only_month),
    "cost_per_mql_attainment": (
        ("marketing_spend", "mqls", "cost_per_mql_target_sum", "cost_per_mql_target_months"),
        _attained_cost,
    ),
}
