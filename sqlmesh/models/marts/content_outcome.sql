MODEL (
  name marts.content_outcome,
  kind FULL,
  description 'For each asset and month of closing: how many deals that met it were won and lost, beside all deals that closed.',
  owner marketing_ops,
  grain (content_id, close_month, region, segment),
  audits (
    not_null(columns := (content_id, close_month, won_with, lost_with, won, lost)),
    unique_combination_of_columns(columns := (content_id, close_month, region, segment)),
    references_row(column := content_id, parent := core.content, parent_column := content_id)
  )
);

WITH closed AS (
  SELECT opportunity_id, DATE_TRUNC('month', close_date)::DATE AS close_month, region, segment, is_won
  FROM core.opportunity
  WHERE is_closed AND NOT is_deleted AND close_date IS NOT NULL
)
SELECT
  c.content_id::VARCHAR AS content_id, -- the asset; every asset has a row for every month in which deals closed
  d.close_month::DATE AS close_month, -- first of the month
  d.region::VARCHAR AS region, -- of the deals
  d.segment::VARCHAR AS segment, -- of the deals
  COUNT(CASE WHEN d.is_won AND t.touch_id IS NOT NULL THEN 1 END)::BIGINT AS won_with, -- won, and met the asset before
  COUNT(CASE WHEN NOT d.is_won AND t.touch_id IS NOT NULL THEN 1 END)::BIGINT AS lost_with, -- lost, and met the asset before
  COUNT(CASE WHEN d.is_won THEN 1 END)::BIGINT AS won, -- all that were won
  COUNT(CASE WHEN NOT d.is_won THEN 1 END)::BIGINT AS lost -- all that were lost
FROM core.content AS c
CROSS JOIN closed AS d
LEFT JOIN attribution.opportunity_touch AS t
  ON t.opportunity_id = d.opportunity_id AND t.content_id = c.content_id AND t.is_first_of_content
GROUP BY c.content_id, d.close_month, d.region, d.segment;
