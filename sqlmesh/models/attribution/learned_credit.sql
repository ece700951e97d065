MODEL (
  name attribution.learned_credit,
  kind CUSTOM (materialization 'changed_journeys', materialization_properties (version = 'learned_version')),
  description 'What the data-driven models give to a touch of a journey; no rows for a model that refuses. Only what changed is built: a journey, or what Markov learned.',
  owner marketing_ops,
  grain (attribution_model, journey_version, touch_id),
  audits (
    not_null(columns := (attribution_model, credit_kind, credited_id, credited_at, weight, journey_version, learned_version)),
    unique_combination_of_columns(columns := (attribution_model, journey_version, touch_id)),
    accepted_range(column := weight, min_v := 0, max_v := 1),
    built_from_current_learning()
  )
);

@delete_stale_learning();

-- Markov: the channels of a journey share it in the ratio of their removal effects. Shapley: its channels share it evenly,
-- which is the closed form of the value, journey by journey. Touches of one channel share what the channel gets.
WITH version AS (
  SELECT v.* FROM attribution.learned_event AS v WHERE @is_to_build(v.learned_version)
),
point AS (
  SELECT
    t.*,
    v.attribution_model,
    v.learned_version,
    CASE WHEN v.attribution_model = 'shapley' THEN 1.0 ELSE COALESCE(d.share, 0) END::DOUBLE
      / COUNT(*) OVER (PARTITION BY v.learned_version, COALESCE(t.channel, 'unknown')) AS points
  FROM version AS v
  JOIN attribution.journey_touch AS t ON t.journey_version = v.journey_version
  LEFT JOIN attribution.data_driven AS d
    ON d.attribution_model = v.attribution_model AND d.credit_kind = t.credit_kind AND d.level = 'channel'
    AND d.name = COALESCE(t.channel, 'unknown')
),
share AS (
  SELECT
    *,
    CASE
      WHEN position = touch_count THEN 1
      WHEN SUM(points) OVER (PARTITION BY learned_version) > 0 THEN
        SUM(points) OVER (
          PARTITION BY learned_version ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) / SUM(points) OVER (PARTITION BY learned_version)
      ELSE position::DOUBLE / touch_count
    END::DECIMAL(18, 12) AS share
  FROM point
),
step AS (
  SELECT *, LAG(share, 1, 0) OVER (PARTITION BY learned_version ORDER BY position) AS share_before
  FROM share
)
SELECT
  attribution_model::VARCHAR AS attribution_model, -- markov or shapley
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
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
  (share - share_before)::DECIMAL(18, 12) AS weight, -- share of the event; sums to 1
  @credited_money(amount, share_before, share)::DECIMAL(18, 2) AS amount, -- credited money; NULL for mql
  journey_version::BIGINT AS journey_version, -- the journey that this row was made from
  learned_version::BIGINT AS learned_version -- the same, and what was learned
FROM step
WHERE share > share_before;
