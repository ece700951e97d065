MODEL (
  name prep.campaign_cost,
  kind FULL,
  description 'What CRM and marketing system state that a campaign cost, over which days, and whether it counts or something else tells the same money.',
  owner paid_media,
  grain cost_id,
  audits (
    not_null(columns := (cost_id, source_system, amount, currency, counts_as)),
    unique_values(columns := (cost_id)),
    accepted_values(column := counts_as, is_in := ('cost', 'told by spend', 'told by another system', 'told by its children', 'without a date'))
  )
);

WITH stated AS (
  SELECT
    'salesforce:campaign:' || campaign_id AS cost_id,
    'salesforce' AS source_system,
    1 AS priority, -- of two systems that state a cost of one campaign, the first is believed
    COALESCE(utm_campaign, name) AS campaign,
    actual_cost,
    budgeted_cost,
    currency,
    start_date,
    end_date,
    created_on
  FROM staging.stg_salesforce__campaign
  WHERE NOT is_deleted
  UNION ALL
  SELECT
    'hubspot:campaign:' || campaign_id,
    'hubspot',
    2,
    COALESCE(utm_campaign, name),
    actual_cost,
    budgeted_cost,
    currency,
    start_date,
    end_date,
    created_on
  FROM staging.stg_hubspot__campaigns
),
cost AS (
  SELECT
    s.cost_id,
    s.source_system,
    s.priority,
    s.campaign,
    COALESCE(a.campaign_id, @slug(s.campaign)) AS campaign_id,
    CASE
      WHEN @campaign_cost = 'none' THEN NULL
      WHEN @campaign_cost = 'actual_or_budget' THEN COALESCE(NULLIF(s.actual_cost, 0), NULLIF(s.budgeted_cost, 0))
      ELSE NULLIF(s.actual_cost, 0)
    END AS amount,
    COALESCE(s.currency, @reporting_currency) AS currency,
    COALESCE(s.start_date, s.created_on) AS first_day,
    s.end_date AS last_day,
    COALESCE(s.end_date >= s.start_date AND DATEDIFF(DAY, s.start_date, s.end_date) < 4096, FALSE) AS has_period
  FROM stated AS s
  LEFT JOIN prep.campaign_alias AS a ON a.alias = @slug(s.campaign)
),
known AS (
  SELECT * FROM cost WHERE amount IS NOT NULL
),
metered AS (
  SELECT DISTINCT COALESCE(a.campaign_id, @slug(d.campaign)) AS campaign_id
  FROM (
    SELECT campaign FROM prep.ad_day WHERE spend_original <> 0
    UNION ALL
    SELECT campaign FROM staging.stg_files__spend WHERE spend_original <> 0
  ) AS d
  LEFT JOIN prep.campaign_alias AS a ON a.alias = @slug(d.campaign)
),
first_system AS (
  SELECT campaign_id, MIN(priority) AS priority FROM known GROUP BY campaign_id
),
below AS (
  -- What all campaigns below one cost together, and what those directly below do.
  SELECT
    up.ancestor_id AS campaign_id,
    k.source_system,
    k.currency,
    COUNT(*) AS campaigns,
    SUM(k.amount) AS every_amount,
    SUM(CASE WHEN up.depth = 1 THEN k.amount ELSE 0 END) AS direct_amount
  FROM core.campaign_ancestor AS up
  JOIN known AS k ON k.campaign_id = up.campaign_id
  WHERE up.depth > 0
  GROUP BY up.ancestor_id, k.source_system, k.currency
)
SELECT
  k.cost_id::VARCHAR AS cost_id, -- system and campaign
  k.source_system::VARCHAR AS source_system, -- who states it
  k.campaign::VARCHAR AS campaign, -- as it is recorded there
  k.campaign_id::VARCHAR AS campaign_id, -- the campaign
  k.amount::DECIMAL(18, 2) AS amount, -- in currency
  k.currency::VARCHAR AS currency, -- ISO code
  k.first_day::DATE AS first_day, -- the first day it is spread over
  CASE WHEN k.has_period THEN k.last_day ELSE k.first_day END::DATE AS last_day, -- the last one
  k.has_period::BOOLEAN AS has_period, -- start and end are known and plausible; else it is booked on one day
  CASE
    WHEN k.first_day IS NULL THEN 'without a date'
    WHEN f.priority < k.priority THEN 'told by another system'
    WHEN m.campaign_id IS NOT NULL AND @campaign_cost_beside_spend = 'left_out' THEN 'told by spend'
    WHEN b.campaigns > 1 AND k.amount IN (b.every_amount, b.direct_amount) THEN 'told by its children'
    ELSE 'cost'
  END::VARCHAR AS counts_as -- a cost, or what tells the same money
FROM known AS k
LEFT JOIN metered AS m ON m.campaign_id = k.campaign_id
LEFT JOIN first_system AS f ON f.campaign_id = k.campaign_id
LEFT JOIN below AS b ON b.campaign_id = k.campaign_id AND b.source_system = k.source_system AND b.currency = k.currency;
