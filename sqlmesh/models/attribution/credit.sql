MODEL (
  name attribution.credit,
  kind CUSTOM (materialization 'changed_journeys'),
  description 'Who gets the credit: a deal (or a first MQL) x touch x model. Never add it up over models. Only journeys that changed are credited anew.',
  owner marketing_ops,
  grain credit_id,
  audits (
    not_null(columns := (credit_id, credit_kind, attribution_model, credited_at, credited_date, weight, journey_version)),
    unique_values(columns := (credit_id)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue')),
    accepted_range(column := weight, min_v := 0, max_v := 1),
    credit_weights_sum_to_one(),
    credit_amounts_equal_deals(),
    every_event_is_credited(),
    no_touch_after_credit(),
    built_from_current_journeys(),
    references_row(column := touch_id, parent := core.touch, parent_column := touch_id)
  )
);

@delete_stale_journeys(attribution_model NOT IN (SELECT attribution_model FROM @rule_models()));

WITH journey AS (
  SELECT * FROM attribution.credited_event AS e
  WHERE @is_to_build(e.journey_version, m.attribution_model IN (SELECT attribution_model FROM @rule_models()))
),
touched AS (
  SELECT t.* FROM attribution.journey_touch AS t
  JOIN journey AS j ON j.journey_version = t.journey_version
),
taught AS (
  SELECT DISTINCT attribution_model, credit_kind FROM attribution.data_driven WHERE level = 'channel' AND status = 'ok'
),
-- Every event in every model: by the rules where its journey changed, by the data-driven models always, because one
-- journey more changes what they learn.
asked AS (
  SELECT j.*, m.attribution_model FROM journey AS j CROSS JOIN @rule_models() AS m
  UNION ALL
  SELECT e.*, m.attribution_model FROM attribution.credited_event AS e JOIN taught AS m ON m.credit_kind = e.credit_kind
),
weight AS (
  SELECT attribution_model, credit_kind, credited_id, touch_id, share_before, share_after
  FROM @rule_shares(touched)
  WHERE share_after > share_before
  UNION ALL
  SELECT attribution_model, credit_kind, credited_id, touch_id, share_before, share_after
  FROM attribution.journey_weight_data_driven
),
credited AS (
  -- The running share has four digits before its point: times the amount, DuckDB needs the room.
  SELECT
    a.*,
    w.touch_id,
    COALESCE(w.share_before, 0)::DECIMAL(22, 12) AS share_before,
    COALESCE(w.share_after, 1)::DECIMAL(22, 12) AS share_after
  FROM asked AS a
  LEFT JOIN weight AS w
    ON w.credit_kind = a.credit_kind AND w.credited_id = a.credited_id AND w.attribution_model = a.attribution_model
)
SELECT
  @key_of(c.credit_kind, c.attribution_model, c.credited_id, c.touch_id)::VARCHAR AS credit_id, -- key
  c.credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  c.attribution_model::VARCHAR AS attribution_model, -- first, last, ...
  c.opportunity_id::VARCHAR AS opportunity_id, -- the deal (pipeline, revenue)
  COALESCE(t.person_id, c.person_id)::VARCHAR AS person_id, -- who was touched; without a touch the person credited
  c.touch_id::VARCHAR AS touch_id, -- NULL: unattributed
  t.campaign_id::VARCHAR AS campaign_id, -- of the touch
  t.content_id::VARCHAR AS content_id, -- of the touch
  CASE WHEN c.touch_id IS NULL THEN 'unattributed' ELSE t.channel END::VARCHAR AS channel, -- of the touch
  t.source::VARCHAR AS source, -- of the touch
  t.medium::VARCHAR AS medium, -- of the touch
  COALESCE(o.region, p.region)::VARCHAR AS region, -- of the deal or person
  COALESCE(o.segment, p.segment)::VARCHAR AS segment, -- of the deal or person
  COALESCE(o.industry, p.industry)::VARCHAR AS industry, -- of the deal or person
  o.product::VARCHAR AS product, -- of the deal
  COALESCE(o.owner, p.owner)::VARCHAR AS owner, -- of the deal or person
  t.occurred_at::TIMESTAMP AS touch_at, -- when the touch was
  c.credited_at::TIMESTAMP AS credited_at, -- when the event was
  c.credited_at::DATE AS credited_date, -- the event's day
  (c.share_after - c.share_before)::DECIMAL(18, 12) AS weight, -- share; 1 over the touches of one event and model
  (ROUND(c.amount * c.share_after, 2) - ROUND(c.amount * c.share_before, 2))::DECIMAL(18, 2) AS amount, -- credited money; NULL for mql
  c.journey_version::VARCHAR AS journey_version -- what this row was made from
FROM credited AS c
LEFT JOIN core.touch AS t ON t.touch_id = c.touch_id
LEFT JOIN core.opportunity AS o ON o.opportunity_id = c.opportunity_id
LEFT JOIN core.person AS p ON p.person_id = c.person_id;
