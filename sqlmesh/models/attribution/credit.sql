MODEL (
  name attribution.credit,
  kind VIEW,
  description 'Who gets the credit: a deal (or a first MQL) x touch x model, all models under each other. Never add it up over models.',
  owner marketing_ops,
  grain credit_id,
  depends_on (attribution.credited_event, core.opportunity),
  audits (
    not_null(columns := (credit_id, credit_kind, attribution_model, credited_at, credited_date, weight, journey_version)),
    unique_values(columns := (credit_id)),
    accepted_range(column := weight, min_v := 0, max_v := 1),
    credit_weights_sum_to_one(),
    credit_amounts_equal_deals(),
    every_event_is_credited(),
    no_touch_after_credit()
  )
);

-- A question about one model reads the columns of that model alone: the other branches are false by their constant.
WITH credited AS (
  SELECT * FROM @every_model(attribution.journey_touch, attribution.learned_credit) AS by_model
)
SELECT
  @key_of(credit_kind, attribution_model, credited_id, touch_id)::VARCHAR AS credit_id, -- key
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  attribution_model::VARCHAR AS attribution_model, -- first, last, ...
  opportunity_id::VARCHAR AS opportunity_id, -- the deal (pipeline, revenue)
  person_id::VARCHAR AS person_id, -- who was touched; without a touch the person credited
  touch_id::VARCHAR AS touch_id, -- NULL: unattributed
  campaign_id::VARCHAR AS campaign_id, -- of the touch
  content_id::VARCHAR AS content_id, -- of the touch
  channel::VARCHAR AS channel, -- of the touch, or unattributed
  source::VARCHAR AS source, -- of the touch
  medium::VARCHAR AS medium, -- of the touch
  region::VARCHAR AS region, -- of the deal or person
  segment::VARCHAR AS segment, -- of the deal or person
  industry::VARCHAR AS industry, -- of the deal or person
  product::VARCHAR AS product, -- of the deal
  owner::VARCHAR AS owner, -- of the deal or person
  touch_at::TIMESTAMP AS touch_at, -- when the touch was
  credited_at::TIMESTAMP AS credited_at, -- when the event was
  credited_at::DATE AS credited_date, -- the event's day
  weight::DECIMAL(18, 12) AS weight, -- share; 1 over the touches of one event and model
  amount::DECIMAL(18, 2) AS amount, -- credited money; NULL for mql
  journey_version::BIGINT AS journey_version -- what this row was made from
FROM credited;
