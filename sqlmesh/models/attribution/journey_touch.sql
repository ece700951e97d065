MODEL (
  name attribution.journey_touch,
  kind FULL,
  description 'A touch on the way to a credited event: MQL of a person, creation and winning of a deal. A journey ends at its event.',
  owner marketing_ops,
  grain (credit_kind, credited_id, touch_id),
  audits (
    not_null(columns := (credit_kind, credited_id, touch_id, touch_at, credited_at, position, reverse_position)),
    unique_combination_of_columns(columns := (credit_kind, credited_id, touch_id)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue'))
  )
);

WITH step AS (
  SELECT e.credit_kind, e.credited_id, e.credited_at, t.touch_id, t.occurred_at
  FROM attribution.credited_event AS e
  JOIN core.touch AS t ON t.person_id = e.person_id
  WHERE e.credit_kind = 'mql' AND t.occurred_at < e.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@attribution_lookback_days, e.credited_at)
  UNION ALL
  SELECT e.credit_kind, e.credited_id, e.credited_at, t.touch_id, t.occurred_at
  FROM attribution.credited_event AS e
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = e.opportunity_id
  JOIN core.touch AS t ON t.person_id = oc.person_id
  WHERE e.credit_kind <> 'mql' AND t.occurred_at < e.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@attribution_lookback_days, e.credited_at)
)
SELECT
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  touch_id::VARCHAR AS touch_id, -- the touch
  occurred_at::TIMESTAMP AS touch_at, -- UTC
  credited_at::TIMESTAMP AS credited_at, -- the event at the end of the journey
  ROW_NUMBER() OVER (PARTITION BY credit_kind, credited_id ORDER BY occurred_at, touch_id)::INTEGER AS position, -- 1 is the first
  ROW_NUMBER() OVER (PARTITION BY credit_kind, credited_id ORDER BY occurred_at DESC, touch_id DESC)::INTEGER AS reverse_position -- 1 is the last
FROM step;
