"""The five questions, in the words of each door, with the SQL that a person would write by hand.

`{start}` and `{end}` are the company's quarter. A question's `hand` reads the published tables and gives the
same columns in the same order; whoever doubts a door reads that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PEOPLE = "FROM core.person WHERE NOT is_deleted"
WON = "FROM core.opportunity WHERE is_won AND NOT is_deleted AND close_date IS NOT NULL"


@dataclass(frozen=True)
class Question:
    """`keys` and `metrics` are the answer's columns; `truth` says which part of the true answers it must match."""

    name: str
    keys: tuple[str, ...]
    metrics: tuple[str, ...]
    document: dict[str, Any]
    command: tuple[str, ...]
    sql: str
    hand: str
    where: str = ""
    has_range: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the answer, in order."""
        return (*self.keys, *self.metrics)


QUESTIONS = (
    Question(
        name="funnel_by_channel",
        keys=("channel",),
        metrics=("mqls", "closed_won", "mql_to_won_rate"),
        document={"metrics": ["mqls", "closed_won", "mql_to_won_rate"], "group_by": ["channel"]},
        command=("mqls", "closed_won", "mql_to_won_rate", "--by", "channel"),
        sql="""SELECT channel, MEASURE(mqls) AS mqls, MEASURE(closed_won) AS closed_won,
                      MEASURE(mql_to_won_rate) AS mql_to_won_rate
               FROM metrics GROUP BY channel""",
        hand=f"""
            WITH m AS (SELECT channel, count(first_mql_at) AS mqls {PEOPLE} GROUP BY channel),
                 w AS (SELECT channel, count(*) AS closed_won {WON} GROUP BY channel),
                 both_sides AS (SELECT channel FROM m UNION SELECT channel FROM w)
            SELECT b.channel, coalesce(mqls, 0), coalesce(closed_won, 0), coalesce(closed_won, 0) / nullif(mqls, 0)
            FROM both_sides AS b
            LEFT JOIN m ON m.channel IS NOT DISTINCT FROM b.channel
            LEFT JOIN w ON w.channel IS NOT DISTINCT FROM b.channel
            WHERE coalesce(mqls, 0) + coalesce(closed_won, 0) > 0""",
    ),
    Question(
        name="mqls_by_month",
        keys=("metric_time",),
        metrics=("mqls",),
        document={"metrics": ["mqls"], "group_by": ["metric_time:month"]},
        command=("mqls", "--by", "metric_time:month"),
        sql="""SELECT DATE_TRUNC('month', metric_time) AS metric_time, MEASURE(mqls) AS mqls
               FROM metrics GROUP BY DATE_TRUNC('month', metric_time)""",
        hand=f"""
            SELECT date_trunc('month', first_mql_at), count(*) {PEOPLE} AND first_mql_at IS NOT NULL
            GROUP BY 1""",
    ),
    Question(
        name="revenue_by_channel_and_month",
        keys=("channel", "metric_time"),
        metrics=("closed_won_revenue", "closed_won"),
        document={
            "metrics": ["closed_won_revenue", "closed_won"],
            "group_by": ["channel", "metric_time:month"],
        },
        command=("closed_won_revenue", "closed_won", "--by", "channel", "--by", "metric_time:month"),
        sql="""SELECT channel, DATE_TRUNC('month', metric_time) AS metric_time,
                      MEASURE(closed_won_revenue) AS closed_won_revenue, MEASURE(closed_won) AS closed_won
               FROM metrics GROUP BY channel, DATE_TRUNC('month', metric_time)""",
        hand=f"""
            SELECT channel, date_trunc('month', close_date), coalesce(sum(amount), 0), count(*) {WON}
            GROUP BY ALL""",
    ),
    Question(
        name="cost_per_mql_in_the_quarter",
        keys=("channel",),
        metrics=("marketing_spend", "mqls", "cost_per_mql"),
        document={
            "metrics": ["marketing_spend", "mqls", "cost_per_mql"],
            "group_by": ["channel"],
            "time_range": {"from": "{start}", "to": "{end}"},
        },
        command=(
            "marketing_spend", "mqls", "cost_per_mql", "--by", "channel", "--from", "{start}", "--to", "{end}",
        ),
        sql="""SELECT channel, MEASURE(marketing_spend) AS marketing_spend, MEASURE(mqls) AS mqls,
                      MEASURE(cost_per_mql) AS cost_per_mql
               FROM metrics
               WHERE metric_time >= TIMESTAMP '{start} 00:00:00' AND metric_time < TIMESTAMP '{after} 00:00:00'
               GROUP BY channel""",
        hand=f"""
            WITH m AS (SELECT channel, count(*) AS mqls {PEOPLE}
                       AND first_mql_at >= TIMESTAMP '{{start}}' AND first_mql_at < TIMESTAMP '{{after}}' GROUP BY 1),
                 s AS (SELECT channel, sum(spend) AS spend FROM core.spend_day
                       WHERE spend_date BETWEEN DATE '{{start}}' AND DATE '{{end}}' GROUP BY 1),
                 both_sides AS (SELECT channel FROM m UNION SELECT channel FROM s)
            SELECT b.channel, coalesce(spend, 0), coalesce(mqls, 0), coalesce(spend, 0) / nullif(mqls, 0)
            FROM both_sides AS b
            LEFT JOIN m ON m.channel IS NOT DISTINCT FROM b.channel
            LEFT JOIN s ON s.channel IS NOT DISTINCT FROM b.channel""",
        has_range=True,
    ),
    Question(
        name="cohort_rate_of_two_channels",
        keys=(),
        metrics=("leads", "mql_to_won_rate_cohort"),
        document={
            "metrics": ["leads", "mql_to_won_rate_cohort"],
            "where": ["channel in ('organic_search', 'paid_search')"],
            "time_range": {"from": "{start}", "to": "{end}"},
        },
        command=(
            "leads", "mql_to_won_rate_cohort", "--where", "channel in ('organic_search', 'paid_search')",
            "--from", "{start}", "--to", "{end}",
        ),
        sql="""SELECT MEASURE(leads) AS leads, MEASURE(mql_to_won_rate_cohort) AS mql_to_won_rate_cohort
               FROM metrics
               WHERE channel IN ('organic_search', 'paid_search')
                 AND metric_time >= TIMESTAMP '{start} 00:00:00' AND metric_time < TIMESTAMP '{after} 00:00:00'""",
        hand=f"""
            SELECT count(*), count(first_won_at) FILTER (first_mql_at IS NOT NULL) / nullif(count(first_mql_at), 0)
            {PEOPLE} AND channel IN ('organic_search', 'paid_search')
              AND created_at >= TIMESTAMP '{{start}}' AND created_at < TIMESTAMP '{{after}}'""",
        where="channel IN ('organic_search', 'paid_search')",
        has_range=True,
    ),
)  # fmt: skip
