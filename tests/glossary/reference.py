"""What every metric should be, said again in plain SQL and plain arithmetic, without the glossary's help.

`EVENTS` are hand-written questions to the fixture's tables; each gives rows (day, channel, value).
`METRICS` says how a metric is made of them: a sum, a mean, or arithmetic over sums. A thing that did not
happen counts 0, a share of nothing is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import duckdb

Number = Fraction | None
Rows = list[tuple[dt.date, str | None, Fraction]]

PERSON = "FROM core.person WHERE NOT is_deleted"
DEAL = "FROM core.opportunity WHERE NOT is_deleted"
TARGET = "FROM core.target WHERE is_current AND channel IS NULL AND region IS NULL AND segment IS NULL"

EVENTS = {
    "leads": f"SELECT created_at, channel, 1 {PERSON}",
    "mqls": f"SELECT first_mql_at, channel, 1 {PERSON} AND first_mql_at IS NOT NULL",
    "sqls": f"SELECT first_sql_at, channel, 1 {PERSON} AND first_sql_at IS NOT NULL",
    "recycled": """SELECT occurred_at, channel, 1 FROM core.lifecycle_event JOIN core.person USING (person_id)
                   WHERE stage = 'mql' AND NOT is_first AND NOT is_deleted""",
    "lead_to_mql_days": f"""SELECT first_mql_at, channel, EPOCH(first_mql_at - created_at) / 86400.0
                            {PERSON} AND first_mql_at IS NOT NULL""",
    "mql_to_sql_days": f"""SELECT first_sql_at, channel, EPOCH(first_sql_at - first_mql_at) / 86400.0
                           {PERSON} AND first_sql_at IS NOT NULL AND first_mql_at IS NOT NULL""",
    "sql_to_opportunity_days": f"""
        SELECT first_opportunity_at, channel, EPOCH(first_opportunity_at - first_sql_at) / 86400.0
        {PERSON} AND first_sql_at IS NOT NULL AND first_opportunity_at IS NOT NULL""",
    "ever_mql": f"SELECT created_at, channel, 1 {PERSON} AND first_mql_at IS NOT NULL",
    "ever_sql": f"SELECT created_at, channel, 1 {PERSON} AND first_sql_at IS NOT NULL",
    "ever_deal": f"SELECT created_at, channel, 1 {PERSON} AND first_opportunity_at IS NOT NULL",
    "ever_won": f"SELECT created_at, channel, 1 {PERSON} AND first_won_at IS NOT NULL",
    "ever_mql_sql": f"""SELECT created_at, channel, 1
        {PERSON} AND first_mql_at IS NOT NULL AND first_sql_at IS NOT NULL""",
    "ever_sql_deal": f"""SELECT created_at, channel, 1
        {PERSON} AND first_sql_at IS NOT NULL AND first_opportunity_at IS NOT NULL""",
    "ever_mql_won": f"""SELECT created_at, channel, 1
        {PERSON} AND first_mql_at IS NOT NULL AND first_won_at IS NOT NULL""",
    "ever_deal_won": f"""SELECT created_at, channel, 1
        {PERSON} AND first_opportunity_at IS NOT NULL AND first_won_at IS NOT NULL""",
    "opportunities": f"SELECT created_date, channel, 1 {DEAL}",
    "created": f"SELECT created_date, channel, COALESCE(amount, 0) {DEAL}",
    "created_sourced": f"SELECT created_date, channel, COALESCE(amount, 0) {DEAL} AND is_marketing_sourced",
    "created_influenced": f"""SELECT created_date, channel, COALESCE(amount, 0)
        {DEAL} AND is_marketing_influenced""",
    "won": f"SELECT close_date, channel, 1 {DEAL} AND stage = 'closed_won'",
    "lost": f"SELECT close_date, channel, 1 {DEAL} AND stage = 'closed_lost'",
    "revenue": f"SELECT close_date, channel, amount {DEAL} AND stage = 'closed_won'",
    "revenue_sourced": f"SELECT close_date, channel, amount {DEAL} AND is_won AND is_marketing_sourced",
    "revenue_influenced": f"SELECT close_date, channel, amount {DEAL} AND is_won AND is_marketing_influenced",
    "days_to_close": f"SELECT close_date, channel, close_date - created_date {DEAL} AND stage LIKE 'closed%'",
    "days_to_win": f"SELECT close_date, channel, close_date - created_date {DEAL} AND stage = 'closed_won'",
    "spend": "SELECT spend_date, channel, spend FROM core.spend_day",
    "impressions": """SELECT spend_date, channel, impressions
        FROM core.spend_day WHERE impressions IS NOT NULL""",
    "clicks": "SELECT spend_date, channel, clicks FROM core.spend_day WHERE clicks IS NOT NULL",
    # The agreed default attribution model is `first`.
    "credited_mqls": """SELECT credited_at, channel, weight FROM attribution.credit
                        WHERE credit_kind = 'mql' AND attribution_model = 'first'""",
    "credited_pipeline": """SELECT credited_at, channel, COALESCE(amount, 0) FROM attribution.credit
                            WHERE credit_kind = 'pipeline' AND attribution_model = 'first'""",
    "credited_revenue": """SELECT credited_at, channel, amount FROM attribution.credit
                           WHERE credit_kind = 'revenue' AND attribution_model = 'first'""",
    "touched_revenue": """SELECT credited_at, channel, amount FROM attribution.credit
                          WHERE credit_kind = 'revenue' AND attribution_model = 'first'
                          AND touch_id IS NOT NULL""",
    "untouched_revenue": """SELECT credited_at, channel, amount FROM attribution.credit
                            WHERE credit_kind = 'revenue' AND attribution_model = 'first'
                          AND touch_id IS NULL""",
    "content_revenue": """SELECT credited_at, channel, amount FROM attribution.credit
                          WHERE credit_kind = 'revenue' AND attribution_model = 'first'
                          AND content_id IN (SELECT content_id FROM core.content)""",
    "campaign_revenue": """SELECT credited_at, channel, amount FROM attribution.credit
                           WHERE credit_kind = 'revenue' AND attribution_model = 'first'
                           AND campaign_id IN (SELECT campaign_id FROM core.campaign)""",
    "campaign_spend": "SELECT spend_date, channel, spend FROM core.spend_day WHERE campaign_id LIKE 'c%'",
    "days_to_revenue": """
        SELECT o.close_date, t.channel, o.close_date - CAST(MIN(m.occurred_at) AS DATE)
        FROM core.opportunity AS o JOIN core.opportunity_contact AS c USING (opportunity_id)
        JOIN core.touch AS m ON m.person_id = c.person_id AND CAST(m.occurred_at AS DATE) <= o.close_date
        JOIN core.campaign AS t ON t.campaign_id = m.campaign_id
        WHERE o.is_won AND NOT o.is_deleted GROUP BY o.opportunity_id, o.close_date, t.campaign_id, t.channel""",
    "cohort_revenue": "SELECT cohort_month, channel, revenue FROM marts.campaign_cohort WHERE is_mature",
    "cohort_spend": "SELECT cohort_month, channel, spend FROM marts.campaign_cohort WHERE is_mature",
    "cohort_leads": "SELECT cohort_month, channel, leads FROM marts.campaign_cohort",
    "mature_leads": "SELECT cohort_month, channel, leads FROM marts.campaign_cohort WHERE is_mature",
    "won_with": "SELECT close_month, NULL, won_with FROM marts.content_outcome",
    "closed_with": "SELECT close_month, NULL, won_with + lost_with FROM marts.content_outcome",
    "lost_with": "SELECT close_month, NULL, lost_with FROM marts.content_outcome",
    "won_for": "SELECT close_month, NULL, won FROM marts.content_outcome",
    "lost_for": "SELECT close_month, NULL, lost FROM marts.content_outcome",
    "closed_for": "SELECT close_month, NULL, won + lost FROM marts.content_outcome",
    # Pairs of assets are the agreed default, and content of any kind.
    **{
        f"sequence_{name}": f"""SELECT close_month, NULL, {counted} FROM marts.content_sequence
                                WHERE sequence_of = 'asset' AND length = 2"""
        for name, counted in {
            "won_with": "won_with",
            "closed_with": "won_with + lost_with",
            "won_for": "won",
            "closed_for": "won + lost",
            "revenue_with": "revenue_with",
        }.items()
    },
    **{
        f"stage_{counted}": f"""SELECT close_month, NULL, {counted} FROM marts.content_gap
                                WHERE content_met = 'anything'"""
        for counted in ("won_with", "lost_with", "won", "lost")
    },
    "touches": "SELECT occurred_at, channel, 1 FROM core.touch",
    "content_touches": "SELECT occurred_at, channel, 1 FROM core.touch JOIN core.content USING (content_id)",
    "tagged": """SELECT occurred_at, channel, 1 FROM core.touch
                 WHERE COALESCE(source, 'unknown') <> 'unknown'
                 AND COALESCE(medium, 'unknown') <> 'unknown'""",
    "identified": "SELECT occurred_at, channel, 1 FROM core.touch WHERE person_id LIKE 'p%'",
    "sessions": "SELECT started_at, channel, 1 FROM core.web_session",
    "conversions": "SELECT started_at, channel, 1 FROM core.web_session WHERE converted",
    "source_gap": "SELECT month, NULL, ABS(source_value - warehouse_value) FROM ops.reconciliation",
    "source_total": "SELECT month, NULL, ABS(source_value) FROM ops.reconciliation",
    "hours_behind": """SELECT finished_at, NULL, EPOCH(finished_at - watermark) / 3600.0
                       FROM ops.source_run WHERE watermark IS NOT NULL""",
    "loads": "SELECT max(finished_at), NULL, 1 FROM ops.source_run GROUP BY run_id, source",
    "failed_loads": """SELECT max(finished_at), NULL, 1 FROM ops.source_run GROUP BY run_id, source
                       HAVING bool_or(status = 'failed')""",
    "loaded_rows": "SELECT finished_at, NULL, rows FROM ops.source_run",
    "limit_hours": "SELECT loaded_at, NULL, expected_hours FROM ops.source_freshness",
    "findings": "SELECT found_at, NULL, 1 FROM ops.audit_finding",
    **{
        f"target_{name}": f"SELECT target_month, NULL, value {TARGET} AND metric = '{name}'"
        for name in (
            "leads",
            "mqls",
            "sqls",
            "opportunities",
            "closed_won",
            "pipeline_created",
            "closed_won_revenue",
            "marketing_spend",
            "cost_per_mql",
        )
    },
}


@dataclass(frozen=True)
class Cell:
    """The events of one group of an answer."""

    rows: dict[str, list[Fraction]]

    def sum(self, name: str) -> Fraction:
        return sum(self.rows.get(name, []), Fraction(0))

    def known(self, name: str) -> Number:
        """The sum, or nothing where there is nothing to add: an unset target is not a target of 0."""
        return self.sum(name) if self.rows.get(name) else None

    def mean(self, name: str) -> Number:
        return divide(self.sum(name), Fraction(len(self.rows.get(name, []))))


def divide(numerator: Number, denominator: Number) -> Number:
    return None if numerator is None or not denominator else numerator / denominator


def total(name: str) -> Callable[[Cell], Number]:
    return lambda cell: cell.sum(name)


def mean(name: str) -> Callable[[Cell], Number]:
    return lambda cell: cell.mean(name)


def share(numerator: str, denominator: str) -> Callable[[Cell], Number]:
    return lambda cell: divide(cell.sum(numerator), cell.sum(denominator))


def set_target(name: str) -> Callable[[Cell], Number]:
    return lambda cell: cell.known(f"target_{name}")


def attained(events: str, name: str) -> Callable[[Cell], Number]:
    return lambda cell: divide(cell.sum(events), cell.known(f"target_{name}"))


def single_target(name: str) -> Callable[[Cell], Number]:
    """The target of a ratio: that of one month, because several do not add up."""
    return lambda cell: (
        cell.known(f"target_{name}") if len(cell.rows.get(f"target_{name}", [])) == 1 else None
    )


def less_one(numerator: str, denominator: str) -> Callable[[Cell], Number]:
    """What came back over what was spent, less what was spent; missing where nothing was, or nothing is known."""

    def made(cell: Cell) -> Number:
        spent = cell.sum(denominator)
        gained = divide(cell.sum(numerator) - spent, spent) if spent > 0 else None
        return gained if cell.rows.get(numerator) or not numerator.startswith("cohort") else None

    return made


def win_rate_lift(cell: Cell) -> Number:
    with_it, without = share("won_with", "closed_with")(cell), share("won_for", "closed_for")(cell)
    return None if with_it is None or without is None else with_it - without


def difference(first: tuple[str, str], second: tuple[str, str]) -> Callable[[Cell], Number]:
    def made(cell: Cell) -> Number:
        left, right = share(*first)(cell), share(*second)(cell)
        return None if left is None or right is None else left - right

    return made


def closed(cell: Cell) -> Fraction:
    return cell.sum("won") + cell.sum("lost")


def sales_velocity(cell: Cell) -> Number:
    win_rate = divide(cell.sum("won"), closed(cell))
    size = divide(cell.sum("revenue"), cell.sum("won"))
    if win_rate is None or size is None:
        return None
    return divide(cell.sum("opportunities") * win_rate * size, cell.mean("days_to_close"))


METRICS: dict[str, Callable[[Cell], Number]] = {
    "leads": total("leads"),
    "mqls": total("mqls"),
    "recycled_mqls": total("recycled"),
    "sqls": total("sqls"),
    "opportunities": total("opportunities"),
    "closed_won": total("won"),
    "closed_lost": total("lost"),
    "closed_deals": closed,
    "lead_to_mql_rate": share("mqls", "leads"),
    "mql_to_sql_rate": share("sqls", "mqls"),
    "sql_to_opportunity_rate": share("opportunities", "sqls"),
    "win_rate": lambda cell: divide(cell.sum("won"), closed(cell)),
    "mql_to_won_rate": share("won", "mqls"),
    "lead_to_customer_rate": share("won", "leads"),
    "cohort_leads": total("cohort_leads"),
    "mature_cohort_leads": total("mature_leads"),
    "cohort_maturity": share("mature_leads", "cohort_leads"),
    "cohort_mqls": total("ever_mql"),
    "cohort_sqls": total("ever_sql"),
    "cohort_opportunities": total("ever_deal"),
    "cohort_customers": total("ever_won"),
    "cohort_mqls_to_sql": total("ever_mql_sql"),
    "cohort_sqls_to_opportunity": total("ever_sql_deal"),
    "cohort_mqls_to_won": total("ever_mql_won"),
    "cohort_opportunities_to_won": total("ever_deal_won"),
    "lead_to_mql_rate_cohort": share("ever_mql", "leads"),
    "mql_to_sql_rate_cohort": share("ever_mql_sql", "ever_mql"),
    "sql_to_opportunity_rate_cohort": share("ever_sql_deal", "ever_sql"),
    "win_rate_cohort": share("ever_deal_won", "ever_deal"),
    "mql_to_won_rate_cohort": share("ever_mql_won", "ever_mql"),
    "lead_to_customer_rate_cohort": share("ever_won", "leads"),
    "days_lead_to_mql": mean("lead_to_mql_days"),
    "days_mql_to_sql": mean("mql_to_sql_days"),
    "days_sql_to_opportunity": mean("sql_to_opportunity_days"),
    "marketing_spend": total("spend"),
    "impressions": total("impressions"),
    "clicks": total("clicks"),
    "ctr": share("clicks", "impressions"),
    "cpc": share("spend", "clicks"),
    "cost_per_lead": share("spend", "leads"),
    "cost_per_mql": share("spend", "mqls"),
    "cost_per_sql": share("spend", "sqls"),
    "cost_per_opportunity": share("spend", "opportunities"),
    "customer_acquisition_cost": share("spend", "won"),
    "pipeline_created": total("created"),
    "marketing_sourced_pipeline": total("created_sourced"),
    "marketing_influenced_pipeline": total("created_influenced"),
    "marketing_sourced_pipeline_share": share("created_sourced", "created"),
    "marketing_influenced_pipeline_share": share("created_influenced", "created"),
    "average_deal_size": share("revenue", "won"),
    "pipeline_velocity": mean("days_to_close"),
    "pipeline_velocity_won": mean("days_to_win"),
    "sales_velocity": sales_velocity,
    "closed_won_revenue": total("revenue"),
    "shared_revenue": total("revenue"),  # the same money, by another owner
    "marketing_sourced_revenue": total("revenue_sourced"),
    "marketing_influenced_revenue": total("revenue_influenced"),
    "marketing_sourced_revenue_share": share("revenue_sourced", "revenue"),
    "marketing_influenced_revenue_share": share("revenue_influenced", "revenue"),
    "attributed_mqls": total("credited_mqls"),
    "attributed_pipeline": total("credited_pipeline"),
    "attributed_revenue": total("credited_revenue"),
    "marketing_attributed_revenue": total("touched_revenue"),
    "marketing_roi": less_one("touched_revenue", "spend"),
    "roas": share("touched_revenue", "spend"),
    "marketing_efficiency_ratio": share("revenue", "spend"),
    "campaign_attributed_revenue": total("campaign_revenue"),
    "campaign_spend": total("campaign_spend"),
    "campaign_roi": less_one("campaign_revenue", "campaign_spend"),
    "time_to_revenue": mean("days_to_revenue"),
    "cohort_revenue": lambda cell: cell.known("cohort_revenue"),
    "cohort_spend": lambda cell: cell.known("cohort_spend"),
    "cohort_roi": less_one("cohort_revenue", "cohort_spend"),
    "deals_won_with_content": total("won_with"),
    "deals_closed_with_content": total("closed_with"),
    "deals_won_for_content": total("won_for"),
    "deals_closed_for_content": total("closed_for"),
    "deals_lost_with_content": total("lost_with"),
    "deals_lost_for_content": total("lost_for"),
    "content_win_rate_lift": win_rate_lift,
    "content_prevalence_won": share("won_with", "won_for"),
    "content_prevalence_lost": share("lost_with", "lost_for"),
    "content_prevalence_difference": difference(("won_with", "won_for"), ("lost_with", "lost_for")),
    "content_sequence_deals": total("sequence_closed_with"),
    "deals_won_with_sequence": total("sequence_won_with"),
    "deals_won_for_sequence": total("sequence_won_for"),
    "deals_closed_for_sequence": total("sequence_closed_for"),
    "revenue_with_sequence": total("sequence_revenue_with"),
    "content_sequence_deal_size": share("sequence_revenue_with", "sequence_won_with"),
    "content_sequence_support": share("sequence_closed_with", "sequence_closed_for"),
    "content_sequence_win_rate": share("sequence_won_with", "sequence_closed_with"),
    "content_sequence_lift": lambda cell: divide(
        share("sequence_won_with", "sequence_closed_with")(cell),
        share("sequence_won_for", "sequence_closed_for")(cell),
    ),
    "deals_won_with_stage_content": total("stage_won_with"),
    "deals_lost_with_stage_content": total("stage_lost_with"),
    "deals_won_in_stage": total("stage_won"),
    "deals_lost_in_stage": total("stage_lost"),
    "stage_content_won": share("stage_won_with", "stage_won"),
    "stage_content_lost": share("stage_lost_with", "stage_lost"),
    "content_gap": difference(("stage_won_with", "stage_won"), ("stage_lost_with", "stage_lost")),
    "content_touches": total("content_touches"),
    "content_attributed_revenue": total("content_revenue"),
    "sessions": total("sessions"),
    "web_conversions": total("conversions"),
    "web_conversion_rate": share("conversions", "sessions"),
    "touches": total("touches"),
    "tagged_touches": total("tagged"),
    "identified_touches": total("identified"),
    "utm_coverage": share("tagged", "touches"),
    "identity_match_rate": share("identified", "touches"),
    "unattributed_revenue": total("untouched_revenue"),
    "unattributed_revenue_share": share("untouched_revenue", "credited_revenue"),
    "source_difference": total("source_gap"),
    "source_total": total("source_total"),
    "source_variance": share("source_gap", "source_total"),
    "source_freshness_hours": lambda cell: max(cell.rows.get("hours_behind", []), default=None),
    "source_runs": total("loads"),
    "failed_source_runs": total("failed_loads"),
    "loaded_rows": total("loaded_rows"),
    "source_limit_hours": lambda cell: min(cell.rows.get("limit_hours", []), default=None),
    "audit_findings": total("findings"),
    "cost_per_mql_target_sum": total("target_cost_per_mql"),
    "cost_per_mql_target_months": lambda cell: Fraction(len(cell.rows.get("target_cost_per_mql", []))),
    "cost_per_mql_target": single_target("cost_per_mql"),
    "cost_per_mql_attainment": lambda cell: divide(
        share("spend", "mqls")(cell), single_target("cost_per_mql")(cell)
    ),
    **{
        f"{name}_target": set_target(name)
        for name in (
            "leads",
            "mqls",
            "sqls",
            "opportunities",
            "closed_won",
            "pipeline_created",
            "closed_won_revenue",
            "marketing_spend",
        )
    },
    "leads_attainment": attained("leads", "leads"),
    "mqls_attainment": attained("mqls", "mqls"),
    "sqls_attainment": attained("sqls", "sqls"),
    "opportunities_attainment": attained("opportunities", "opportunities"),
    "closed_won_attainment": attained("won", "closed_won"),
    "pipeline_created_attainment": attained("created", "pipeline_created"),
    "closed_won_revenue_attainment": attained("revenue", "closed_won_revenue"),
    "marketing_spend_attainment": attained("spend", "marketing_spend"),
}

#: Metrics whose tables know no channel: asked by channel they are refused.
WITHOUT_CHANNEL = {
    "source_difference",
    "source_total",
    "source_variance",
    "source_freshness_hours",
    "source_runs",
    "failed_source_runs",
    "loaded_rows",
    "source_limit_hours",
    "audit_findings",
    *(name for name in METRICS if "_target" in name or name.endswith("_attainment")),
    *(name for name in METRICS if name.startswith(("deals_", "content_prevalence", "content_sequence"))),
    "content_win_rate_lift",
    "revenue_with_sequence",
    "stage_content_won",
    "stage_content_lost",
    "content_gap",
}

Key = tuple[dt.date | str | None, ...]


def read_events(connection: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    """Run every hand-written question once."""
    return {
        name: [
            (_day(day), channel, Fraction(Decimal(str(value))))
            for day, channel, value in connection.execute(sql).fetchall()
        ]
        for name, sql in EVENTS.items()
    }


def expected(metric: str, events: dict[str, Rows], by_month: bool, by_channel: bool) -> dict[Key, Number]:
    """The answer to a metric by month, by channel, both or neither, as {(month, channel): value}.

    A group is there when anything happened in it that the metric is made of.
    """
    cells: dict[Key, dict[str, list[Fraction]]] = {}
    for name, rows in events.items():
        for day, channel, value in rows:
            key: Key = ((day.replace(day=1),) if by_month else ()) + ((channel,) if by_channel else ())
            cells.setdefault(key, {}).setdefault(name, []).append(value)
    return {key: METRICS[metric](Cell(rows)) for key, rows in cells.items()}


def _day(value: dt.date | dt.datetime) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
