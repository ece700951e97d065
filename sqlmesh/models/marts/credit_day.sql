MODEL (
  name marts.credit_day,
  kind FULL,
  description 'Rollup: Attribution credit by attribution_model, channel, source, medium, campaign_id, region, segment, product, credited_date.',
  owner data_platform,
  grain (attribution_model, channel, source, medium, campaign_id, region, segment, product, credited_date),
  audits (unique_combination_of_columns(columns := (attribution_model, channel, source, medium, campaign_id, region, segment, product, credited_date)))
);

-- Written from semantic/glossary/rollups by `make docs`: change the YAML, not this file.
SELECT
  attribution_model AS attribution_model, -- attribution_model of the rows
  channel AS channel, -- channel of the rows
  source AS source, -- source of the rows
  medium AS medium, -- medium of the rows
  campaign_id AS campaign_id, -- campaign of the rows
  region AS region, -- region of the rows
  segment AS segment, -- segment of the rows
  product AS product, -- product of the rows
  CAST(DATE_TRUNC('DAY', CAST(credited_date AS TIMESTAMP)) AS DATE) AS credited_date, -- the day of credited_date
  SUM(CASE WHEN credit_kind = 'mql' THEN weight END) AS attributed_mqls, -- measure attributed_mqls
  COUNT(CASE WHEN credit_kind = 'mql' THEN 1 END) AS attributed_mqls_rows, -- rows of attributed_mqls
  SUM(CASE WHEN credit_kind = 'pipeline' THEN amount END) AS attributed_pipeline, -- measure attributed_pipeline
  COUNT(CASE WHEN credit_kind = 'pipeline' THEN 1 END) AS attributed_pipeline_rows, -- rows of attributed_pipeline
  SUM(CASE WHEN credit_kind = 'revenue' THEN amount END) AS attributed_revenue, -- measure attributed_revenue
  COUNT(CASE WHEN credit_kind = 'revenue' THEN 1 END) AS attributed_revenue_rows, -- rows of attributed_revenue
  COUNT(*) AS _facts, -- rows that this one is made of
  '30113870967709fc' AS _definition -- what the rollup was built from: the router reads no other
FROM attribution.credit GROUP BY attribution_model, channel, source, medium, campaign_id, region, segment, product, CAST(DATE_TRUNC('DAY', CAST(credited_date AS TIMESTAMP)) AS DATE);
