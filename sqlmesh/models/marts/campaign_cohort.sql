MODEL (
  name marts.campaign_cohort,
  kind FULL,
  description 'What a campaign spent in a month, and what the people created in that month brought within twelve months.',
  owner marketing_ops,
  grain (cohort_month, campaign_id, channel, region),
  audits (
    not_null(columns := (cohort_month, leads, spend, revenue, is_mature)),
    unique_combination_of_columns(columns := (cohort_month, campaign_id, channel, region)),
    same_total(column := leads, condition := TRUE, other := core.person,
      other_column := (CASE WHEN is_deleted OR created_at IS NULL THEN 0 ELSE 1 END), other_condition := TRUE)
  )
);

WITH known_until AS (
  -- The last day anything is known of: a cohort is mature when its twelve months have passed by then. Nothing is known of
  -- days to come: one lead of the year 2925 would make every cohort look grown up.
  SELECT MAX(day) AS last_day
  FROM (
    SELECT created_at::DATE AS day FROM core.person
    UNION ALL
    SELECT close_date FROM core.opportunity WHERE is_closed
    UNION ALL
    SELECT spend_date FROM core.spend_day WHERE cost_kind = 'metered'
  ) AS seen
  WHERE day <= @execution_ds::DATE
),
happened AS (
  SELECT DATE_TRUNC('month', created_at)::DATE AS cohort_month, campaign_id, channel, region, 1 AS leads, 0 AS spend, 0 AS revenue
  FROM core.person
  WHERE NOT is_deleted AND created_at IS NOT NULL
  UNION ALL
  SELECT DATE_TRUNC('month', spend_date)::DATE, campaign_id, channel, region, 0, spend, 0
  FROM core.spend_day
  UNION ALL
  SELECT DATE_TRUNC('month', p.created_at)::DATE, p.campaign_id, p.channel, p.region, 0, 0, o.amount
  FROM core.person AS p
  JOIN core.opportunity AS o ON o.person_id = p.person_id
  WHERE NOT p.is_deleted AND NOT o.is_deleted AND o.is_won AND o.amount IS NOT NULL
    -- What was won before somebody was a lead did not come of it.
    AND o.close_date >= p.created_at::DATE AND o.close_date <= DATEADD(MONTH, 12, p.created_at)::DATE
)
SELECT
  h.cohort_month::DATE AS cohort_month, -- the month the leads were created, and the money was spent
  h.campaign_id::VARCHAR AS campaign_id, -- that created the lead, or was paid for
  h.channel::VARCHAR AS channel, -- of the lead or the spend
  h.region::VARCHAR AS region, -- of the person, or that the campaign is run for
  SUM(h.leads)::BIGINT AS leads, -- people created
  SUM(h.spend)::DECIMAL(18, 2) AS spend, -- in the reporting currency
  SUM(h.revenue)::DECIMAL(18, 2) AS revenue, -- of deals they won within twelve months
  (MAX(k.last_day) >= DATEADD(MONTH, 13, h.cohort_month)::DATE)::BOOLEAN AS is_mature -- everybody of the month had twelve months
FROM happened AS h
CROSS JOIN known_until AS k
GROUP BY h.cohort_month, h.campaign_id, h.channel, h.region;
