MODEL (
  name attribution.journey_touch,
  kind CUSTOM (materialization 'changed_journeys'),
  description 'A touch on the way to a credited event, and where the places of its journey are. A journey ends at its event. Ties break by touch id. Only journeys that changed are built.',
  owner marketing_ops,
  grain (credit_kind, credited_id, touch_id),
  audits (
    not_null(columns := (credit_kind, credited_id, touch_id, touch_at, credited_at, position, touch_count, journey_version)),
    unique_combination_of_columns(columns := (credit_kind, credited_id, touch_id)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue')),
    built_from_current_journeys()
  )
);

@delete_stale_journeys();

WITH journey AS (
  -- A number is a lighter key to sort by than two texts.
  SELECT e.*, ROW_NUMBER() OVER (ORDER BY e.credit_kind, e.credited_id) AS journey
  FROM attribution.credited_event AS e
  WHERE @is_to_build(e.journey_version, m.position = 1)
),
step AS (
  SELECT j.journey, t.touch_id, t.occurred_at, t.channel
  FROM journey AS j
  JOIN core.touch AS t ON t.person_id = j.person_id
  WHERE j.credit_kind = 'mql' AND t.occurred_at < j.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@lookback_days(), j.credited_at)
  UNION ALL
  SELECT j.journey, t.touch_id, t.occurred_at, t.channel
  FROM journey AS j
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = j.opportunity_id
  JOIN core.touch AS t ON t.person_id = oc.person_id
  WHERE j.credit_kind <> 'mql' AND t.occurred_at < j.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@lookback_days(), j.credited_at)
),
faded AS (
  SELECT
    s.*,
    j.lead_at,
    j.opportunity_at,
    COALESCE(c.is_direct, FALSE) AS is_direct,
    -- Beyond a thousand half-lives all touches weigh the same: a double holds no less.
    POWER(2.0::DOUBLE, GREATEST(-@seconds_between(s.occurred_at, j.credited_at) / 86400.0 / @half_life_days(), -1000)) AS decay
  FROM step AS s
  JOIN journey AS j ON j.journey = s.journey
  LEFT JOIN seeds.channel AS c ON c.channel = s.channel
),
placed AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY journey ORDER BY occurred_at, touch_id) AS position,
    SUM(decay) OVER (PARTITION BY journey ORDER BY occurred_at, touch_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
      / SUM(decay) OVER (PARTITION BY journey) AS decay_share
  FROM faded
),
counted AS (
  SELECT
    *,
    LAG(decay_share, 1, 0) OVER (PARTITION BY journey ORDER BY position) AS decay_before,
    COUNT(*) OVER (PARTITION BY journey) AS touch_count,
    MAX(CASE WHEN occurred_at <= lead_at THEN position END) OVER (PARTITION BY journey) AS lead_position,
    MAX(CASE WHEN occurred_at <= opportunity_at THEN position END) OVER (PARTITION BY journey) AS opportunity_position,
    MAX(CASE WHEN NOT is_direct THEN position END) OVER (PARTITION BY journey) AS non_direct_position
  FROM placed
)
SELECT
  j.credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  j.credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  c.touch_id::VARCHAR AS touch_id, -- the touch
  c.channel::VARCHAR AS channel, -- of the touch
  c.occurred_at::TIMESTAMP AS touch_at, -- UTC
  j.credited_at::TIMESTAMP AS credited_at, -- the event at the end of the journey
  c.position::INTEGER AS position, -- 1 is the first
  c.touch_count::INTEGER AS touch_count, -- touches of the journey; the position of the last
  c.lead_position::INTEGER AS lead_position, -- the touch of the lead creation: the latest at or before it
  c.opportunity_position::INTEGER AS opportunity_position, -- the touch of the deal's creation
  CASE WHEN j.credit_kind = 'revenue' THEN c.touch_count END::INTEGER AS close_position, -- the last touch before winning
  COALESCE(c.non_direct_position, c.touch_count)::INTEGER AS non_direct_position, -- the last touch that was not direct; the last where all were
  c.decay_before::DOUBLE AS decay_before, -- time decay's share of the touches in front of this one
  c.decay_share::DOUBLE AS decay_share, -- and with this one
  j.journey_version::VARCHAR AS journey_version -- what this row was made from
FROM counted AS c
JOIN journey AS j ON j.journey = c.journey;
