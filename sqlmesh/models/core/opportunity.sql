MODEL (
  name core.opportunity,
  kind FULL,
  description 'A deal as it is now, in the reporting currency, with the source of its first touch.',
  owner revops,
  grain opportunity_id,
  audits (
    not_null(columns := (opportunity_id, is_won, is_closed, is_marketing_sourced, is_marketing_influenced, is_deleted)),
    unique_values(columns := (opportunity_id)),
    same_row_count(other := prep.deal),
    amount_is_converted(),
    references_row(column := account_id, parent := core.account, parent_column := account_id),
    references_row(column := person_id, parent := core.person, parent_column := person_id)
  )
);

WITH deal AS (
  SELECT d.*, CASE WHEN d.currency = @reporting_currency THEN 1 ELSE r.rate_to_reporting END AS rate_to_reporting
  FROM prep.deal AS d
  LEFT JOIN core.exchange_rate AS r
    ON r.currency = d.currency
    AND r.rate_date = @rate_date(d)
),
journey AS (
  SELECT
    d.opportunity_id,
    t.touch_id,
    t.occurred_at,
    t.channel,
    t.source,
    t.medium,
    t.campaign_id,
    COALESCE(c.is_marketing, TRUE) AS is_marketing,
    ROW_NUMBER() OVER (PARTITION BY d.opportunity_id ORDER BY t.occurred_at, t.touch_id) AS place
  FROM prep.deal AS d
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = d.opportunity_id
  JOIN core.touch AS t ON t.person_id = oc.person_id
  LEFT JOIN seeds.channel AS c ON c.channel = t.channel
  WHERE d.closed_at IS NULL OR t.occurred_at < @end_of_closing(d.closed_at)
),
first_touch AS (
  SELECT j.*
  FROM journey AS j
  JOIN prep.deal AS d ON d.opportunity_id = j.opportunity_id
  WHERE j.place = 1 AND j.occurred_at <= COALESCE(d.created_at, d.closed_at, j.occurred_at)
),
influence AS (
  SELECT opportunity_id, MAX(CASE WHEN is_marketing THEN 1 ELSE 0 END) = 1 AS is_influenced
  FROM journey
  GROUP BY opportunity_id
)
SELECT
  d.opportunity_id::VARCHAR AS opportunity_id, -- id in its system
  d.account_id::VARCHAR AS account_id, -- the buying account
  d.person_id::VARCHAR AS person_id, -- the person it is led by
  d.name::VARCHAR AS name, -- the deal's name
  d.stage::VARCHAR AS stage, -- as in its system
  @converted(d.amount_original, d.rate_to_reporting)::DECIMAL(18, 2) AS amount, -- in the reporting currency
  d.amount_original::DECIMAL(18, 2) AS amount_original, -- in currency
  d.currency::VARCHAR AS currency, -- ISO code
  d.is_won::BOOLEAN AS is_won, -- won
  d.is_closed::BOOLEAN AS is_closed, -- won or lost
  d.created_at::TIMESTAMP AS created_at, -- UTC
  d.created_at::DATE AS created_date, -- the day it was opened
  d.close_date::DATE AS close_date, -- expected, or actual once closed
  d.closed_at::TIMESTAMP AS closed_at, -- when it closed; midnight where only the day is known
  CASE WHEN f.touch_id IS NULL THEN p.channel ELSE f.channel END::VARCHAR AS channel, -- of the first touch, else the person's
  CASE WHEN f.touch_id IS NULL THEN p.source ELSE f.source END::VARCHAR AS source, -- of the first touch, else the person's
  CASE WHEN f.touch_id IS NULL THEN p.medium ELSE f.medium END::VARCHAR AS medium, -- of the first touch, else the person's
  CASE WHEN f.touch_id IS NULL THEN p.campaign_id ELSE f.campaign_id END::VARCHAR AS campaign_id, -- of the first touch, else the person's
  COALESCE(d.region, a.region, p.region)::VARCHAR AS region, -- of the deal, its account or its person
  COALESCE(d.segment, a.segment, p.segment)::VARCHAR AS segment, -- of the deal, its account or its person
  COALESCE(d.industry, a.industry, p.industry)::VARCHAR AS industry, -- of the deal, its account or its person
  d.product::VARCHAR AS product, -- what is sold, by the approved mapping
  d.owner::VARCHAR AS owner, -- who works it
  COALESCE(f.is_marketing, pc.is_marketing, p.channel IS NOT NULL)::BOOLEAN AS is_marketing_sourced, -- its first touch was marketing
  COALESCE(n.is_influenced, FALSE)::BOOLEAN AS is_marketing_influenced, -- marketing touched a contact before close
  d.is_deleted::BOOLEAN AS is_deleted, -- removed at the source
  d.product_raw::VARCHAR AS product_raw -- product as it was recorded
FROM deal AS d
LEFT JOIN first_touch AS f ON f.opportunity_id = d.opportunity_id
LEFT JOIN influence AS n ON n.opportunity_id = d.opportunity_id
LEFT JOIN core.person AS p ON p.person_id = d.person_id
LEFT JOIN core.account AS a ON a.account_id = d.account_id
LEFT JOIN seeds.channel AS pc ON pc.channel = p.channel;
