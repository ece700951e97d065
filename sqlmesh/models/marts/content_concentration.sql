MODEL (
  name marts.content_concentration,
  kind FULL,
  description 'The concentration curve of each month and attribution model: assets by the revenue attributed to them in the twelve months up to its end, the largest first.',
  owner content_marketing,
  grain (attribution_model, month, content_id),
  depends_on (core.content),
  audits (
    not_null(columns := (attribution_model, month, content_id, place, revenue, cumulative_revenue)),
    unique_combination_of_columns(columns := (attribution_model, month, content_id)),
    unique_combination_of_columns(columns := (attribution_model, month, place)),
    references_row(column := content_id, parent := core.content, parent_column := content_id)
  )
);

WITH credit AS (
  SELECT attribution_model, content_id, DATE_TRUNC('month', credited_date)::DATE AS month, amount
  FROM attribution.credit
  WHERE credit_kind = 'revenue'
),
earned AS (
  SELECT attribution_model, content_id, month, SUM(amount) AS revenue
  FROM credit
  WHERE content_id IS NOT NULL AND amount IS NOT NULL
  GROUP BY attribution_model, content_id, month
),
rule AS (
  SELECT DISTINCT attribution_model FROM credit
),
span AS (
  -- A deal closed in days to come is a typing error: the last month, which answers for a period, is not made by it.
  SELECT MIN(month) AS first_month, MAX(month) AS last_month FROM credit WHERE month <= @execution_ds::DATE
),
known AS (
  -- An asset counts from the month in which somebody met it first, whether or not it has earned anything.
  SELECT content_id, DATE_TRUNC('month', MIN(occurred_at))::DATE AS first_month
  FROM core.touch
  WHERE content_id IS NOT NULL
  GROUP BY content_id
),
month AS (
  SELECT DISTINCT c.month_start AS month
  FROM core.calendar AS c
  JOIN span AS s ON c.month_start BETWEEN s.first_month AND s.last_month
),
seen AS (
  SELECT r.attribution_model, m.month, k.content_id, COALESCE(SUM(e.revenue), 0) AS revenue
  FROM rule AS r
  CROSS JOIN month AS m
  JOIN known AS k ON k.first_month <= m.month
  LEFT JOIN earned AS e
    ON e.attribution_model = r.attribution_model AND e.content_id = k.content_id AND e.month <= m.month
    AND e.month > DATEADD(MONTH, -@content_setting(concentration, months), m.month)::DATE
  GROUP BY r.attribution_model, m.month, k.content_id
),
curve AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY attribution_model, month ORDER BY revenue DESC, content_id) AS place,
    COUNT(*) OVER (PARTITION BY attribution_model, month) AS assets,
    SUM(revenue) OVER (PARTITION BY attribution_model, month) AS total,
    SUM(revenue) OVER (
      PARTITION BY attribution_model, month ORDER BY revenue DESC, content_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS cumulative
  FROM seen
)
SELECT
  attribution_model::VARCHAR AS attribution_model, -- curves of several models are never added
  month::DATE AS month, -- first of the last month of the twelve
  content_id::VARCHAR AS content_id, -- the asset
  place::INTEGER AS place, -- 1 earned the most
  revenue::DECIMAL(18, 2) AS revenue, -- attributed to it in the twelve months
  cumulative::DECIMAL(18, 2) AS cumulative_revenue, -- of it and all before it
  (place::DOUBLE / assets)::DOUBLE AS asset_share, -- of the known assets that are not behind it: the curve's x
  CASE WHEN total > 0 THEN cumulative::DOUBLE / total END::DOUBLE AS revenue_share, -- of the revenue that they made: the curve's y
  CASE WHEN total > 0 THEN cumulative - revenue < total * @content_setting(concentration, share) END::BOOLEAN AS is_key -- one of the fewest assets that make 80 %; NULL where nothing was made
FROM curve;
