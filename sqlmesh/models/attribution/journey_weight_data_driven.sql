MODEL (
  name attribution.journey_weight_data_driven,
  kind FULL,
  description 'The weight of a touch in a journey by the data-driven models; no rows for a model that refuses.',
  owner marketing_ops,
  grain (attribution_model, credit_kind, credited_id, touch_id),
  audits (
    not_null(columns := (attribution_model, credit_kind, credited_id, touch_id, weight, share_before, share_after)),
    accepted_range(column := weight, min_v := 0, max_v := 1)
  )
);

-- Markov: the channels of a journey share it in the ratio of their removal effects. Shapley: its channels share it evenly,
-- which is the closed form of the value, journey by journey. Touches of one channel share what the channel gets.
WITH touch AS (
  SELECT
    credit_kind,
    credited_id,
    touch_id,
    position,
    touch_count,
    COALESCE(channel, 'unknown') AS channel,
    COUNT(*) OVER (PARTITION BY credit_kind, credited_id, COALESCE(channel, 'unknown')) AS same_channel
  FROM attribution.journey_touch
),
taught AS (
  SELECT DISTINCT attribution_model, credit_kind FROM attribution.data_driven WHERE level = 'channel' AND status = 'ok'
),
point AS (
  SELECT
    m.attribution_model,
    t.credit_kind,
    t.credited_id,
    t.touch_id,
    t.position,
    t.touch_count,
    CASE WHEN m.attribution_model = 'shapley' THEN 1.0 ELSE COALESCE(d.share, 0) END::DOUBLE / t.same_channel AS points
  FROM touch AS t
  JOIN taught AS m ON m.credit_kind = t.credit_kind
  LEFT JOIN attribution.data_driven AS d
    ON d.attribution_model = m.attribution_model AND d.credit_kind = t.credit_kind AND d.level = 'channel' AND d.name = t.channel
),
share AS (
  SELECT
    attribution_model,
    credit_kind,
    credited_id,
    touch_id,
    position,
    CASE
      WHEN position = touch_count THEN 1
      WHEN SUM(points) OVER (PARTITION BY attribution_model, credit_kind, credited_id) > 0 THEN
        SUM(points) OVER (
          PARTITION BY attribution_model, credit_kind, credited_id ORDER BY position
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) / SUM(points) OVER (PARTITION BY attribution_model, credit_kind, credited_id)
      ELSE position::DOUBLE / touch_count
    END::DECIMAL(18, 12) AS share
  FROM point
),
step AS (
  SELECT
    *,
    LAG(share, 1, 0) OVER (PARTITION BY attribution_model, credit_kind, credited_id ORDER BY position) AS share_before
  FROM share
)
SELECT
  attribution_model::VARCHAR AS attribution_model, -- markov or shapley
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  touch_id::VARCHAR AS touch_id, -- the touch
  (share - share_before)::DECIMAL(18, 12) AS weight, -- share of the event; sums to 1
  share_before::DECIMAL(18, 12) AS share_before, -- running share before this touch
  share::DECIMAL(18, 12) AS share_after -- running share with this touch
FROM step
WHERE share > share_before;
