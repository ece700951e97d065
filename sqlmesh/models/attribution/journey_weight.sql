MODEL (
  name attribution.journey_weight,
  kind FULL,
  description 'The weight of a touch in a journey by each rule of attribution.yml; touches without weight are left out.',
  owner marketing_ops,
  grain (attribution_model, credit_kind, credited_id, touch_id),
  audits (
    not_null(columns := (attribution_model, credit_kind, credited_id, touch_id, weight, share_before, share_after)),
    accepted_range(column := weight, min_v := 0, max_v := 1)
  )
);

WITH hit AS (
  SELECT credit_kind, credited_id, touch_id, position, touch_count, @model_hits()
  FROM attribution.journey_touch
),
point AS (
  SELECT credit_kind, credited_id, touch_id, position, touch_count, @model_points()
  FROM hit
),
share AS (
  SELECT credit_kind, credited_id, touch_id, position, @model_shares()
  FROM point
),
step AS (
  SELECT
    credit_kind,
    credited_id,
    touch_id,
    attribution_model,
    share,
    LAG(share, 1, 0) OVER (PARTITION BY attribution_model, credit_kind, credited_id ORDER BY position) AS share_before
  FROM @model_rows()
)
SELECT
  attribution_model::VARCHAR AS attribution_model, -- a model of attribution.yml
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  touch_id::VARCHAR AS touch_id, -- the touch
  (share - share_before)::DECIMAL(18, 12) AS weight, -- share of the event; sums to 1
  share_before::DECIMAL(18, 12) AS share_before, -- running share before this touch
  share::DECIMAL(18, 12) AS share_after -- running share with this touch: money is rounded on it, so that cents add up
FROM step
WHERE share > share_before;
