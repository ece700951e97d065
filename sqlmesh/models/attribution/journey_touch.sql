MODEL (
  name attribution.journey_touch,
  kind FULL,
  description 'A touch on the way to a credited event, with the places it holds. A journey ends at its event. Ties break by touch id.',
  owner marketing_ops,
  grain (credit_kind, credited_id, touch_id),
  audits (
    not_null(columns := (credit_kind, credited_id, touch_id, touch_at, credited_at, position, touch_count)),
    unique_combination_of_columns(columns := (credit_kind, credited_id, touch_id)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue'))
  )
);

WITH step AS (
  SELECT e.credit_kind, e.credited_id, e.credited_at, e.lead_at, e.opportunity_at, t.touch_id, t.occurred_at, t.channel
  FROM attribution.credited_event AS e
  JOIN core.touch AS t ON t.person_id = e.person_id
  WHERE e.credit_kind = 'mql' AND t.occurred_at < e.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@lookback_days(), e.credited_at)
  UNION ALL
  SELECT e.credit_kind, e.credited_id, e.credited_at, e.lead_at, e.opportunity_at, t.touch_id, t.occurred_at, t.channel
  FROM attribution.credited_event AS e
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = e.opportunity_id
  JOIN core.touch AS t ON t.person_id = oc.person_id
  WHERE e.credit_kind <> 'mql' AND t.occurred_at < e.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@lookback_days(), e.credited_at)
),
placed AS (
  SELECT
    s.*,
    COALESCE(c.is_direct, FALSE) AS is_direct,
    ROW_NUMBER() OVER (PARTITION BY s.credit_kind, s.credited_id ORDER BY s.occurred_at, s.touch_id) AS position
  FROM step AS s
  LEFT JOIN seeds.channel AS c ON c.channel = s.channel
),
counted AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY credit_kind, credited_id) AS touch_count,
    MAX(occurred_at) OVER (PARTITION BY credit_kind, credited_id) AS last_touch_at,
    MAX(CASE WHEN occurred_at <= lead_at THEN position END) OVER (PARTITION BY credit_kind, credited_id) AS lead_position,
    MAX(CASE WHEN occurred_at <= opportunity_at THEN position END) OVER (PARTITION BY credit_kind, credited_id) AS opportunity_position,
    MAX(CASE WHEN NOT is_direct THEN position END) OVER (PARTITION BY credit_kind, credited_id) AS non_direct_position
  FROM placed
)
SELECT
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  touch_id::VARCHAR AS touch_id, -- the touch
  channel::VARCHAR AS channel, -- of the touch
  occurred_at::TIMESTAMP AS touch_at, -- UTC
  credited_at::TIMESTAMP AS credited_at, -- the event at the end of the journey
  position::INTEGER AS position, -- 1 is the first
  touch_count::INTEGER AS touch_count, -- touches of the journey
  CASE WHEN position = 1 THEN 1 ELSE 0 END::INTEGER AS at_first, -- 1 for the first touch
  CASE WHEN position = lead_position THEN 1 ELSE 0 END::INTEGER AS at_lead, -- 1 for the touch of the lead creation
  CASE WHEN position = opportunity_position THEN 1 ELSE 0 END::INTEGER AS at_opportunity, -- 1 for the touch of the deal's creation
  CASE WHEN credit_kind = 'revenue' AND position = touch_count THEN 1 ELSE 0 END::INTEGER AS at_close, -- 1 for the last touch before winning
  CASE WHEN position = touch_count THEN 1 ELSE 0 END::INTEGER AS at_last, -- 1 for the last touch
  CASE WHEN position = COALESCE(non_direct_position, touch_count) THEN 1 ELSE 0 END::INTEGER AS at_last_non_direct, -- 1 for the last touch that was not direct
  POWER(2.0::DOUBLE, -DATEDIFF(SECOND, occurred_at, last_touch_at) / 86400.0 / @half_life_days())::DOUBLE AS decay -- half every half-life before the last touch
FROM counted;
