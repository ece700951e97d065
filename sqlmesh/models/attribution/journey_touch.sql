MODEL (
  name attribution.journey_touch,
  kind CUSTOM (materialization 'changed_journeys'),
  description 'A touch on the way to a credited event, its place there, and what each rule of attribution.yml gives to it. A journey without touches has one row without one. Ties break by touch id. Only journeys that changed are built.',
  owner marketing_ops,
  grain (journey_version, touch_id),
  audits (
    not_null(columns := (credit_kind, credited_id, credited_at, position, touch_count, journey_version)),
    unique_combination_of_columns(columns := (journey_version, touch_id)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue')),
    built_from_current_journeys(),
    references_row(column := touch_id, parent := core.touch, parent_column := touch_id)
  )
);

@delete_stale_journeys();

WITH journey AS (
  -- A number is a lighter key to sort by than two texts.
  SELECT e.*, ROW_NUMBER() OVER (ORDER BY e.credit_kind, e.credited_id) AS journey
  FROM attribution.credited_event AS e
  WHERE @is_to_build(e.journey_version)
),
step AS (
  SELECT j.journey, t.touch_id, t.occurred_at, t.person_id, t.channel, t.source, t.medium, t.campaign_id, t.content_id
  FROM journey AS j
  JOIN core.touch AS t ON t.person_id = j.person_id
  WHERE j.credit_kind = 'mql' AND t.occurred_at < j.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@lookback_days(), j.credited_at)
  UNION ALL
  SELECT j.journey, t.touch_id, t.occurred_at, t.person_id, t.channel, t.source, t.medium, t.campaign_id, t.content_id
  FROM journey AS j
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = j.opportunity_id
  JOIN core.touch AS t ON t.person_id = oc.person_id
  WHERE j.credit_kind <> 'mql' AND t.occurred_at < j.ends_before
    AND t.occurred_at >= DATEADD(DAY, -@lookback_days(), j.credited_at)
),
faded AS (
  SELECT
    s.*,
    j.credit_kind,
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
    MAX(CASE WHEN NOT is_direct THEN position END) OVER (PARTITION BY journey) AS non_direct_position -- NULL: all were direct
  FROM placed
),
shared AS (
  SELECT
    *,
    CASE WHEN credit_kind = 'revenue' THEN touch_count END AS close_position,
    @rule_shares()
  FROM counted
)
SELECT
  j.credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  j.credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  j.opportunity_id::VARCHAR AS opportunity_id, -- the deal (pipeline, revenue)
  COALESCE(s.person_id, j.person_id)::VARCHAR AS person_id, -- who was touched; without a touch the person credited
  s.touch_id::VARCHAR AS touch_id, -- the touch; NULL where the journey has none
  CASE WHEN s.touch_id IS NULL THEN 'unattributed' ELSE s.channel END::VARCHAR AS channel, -- of the touch
  s.source::VARCHAR AS source, -- of the touch
  s.medium::VARCHAR AS medium, -- of the touch
  s.campaign_id::VARCHAR AS campaign_id, -- of the touch
  s.content_id::VARCHAR AS content_id, -- of the touch
  j.region::VARCHAR AS region, -- of the deal or person
  j.segment::VARCHAR AS segment, -- of the deal or person
  j.industry::VARCHAR AS industry, -- of the deal or person
  j.product::VARCHAR AS product, -- of the deal
  j.owner::VARCHAR AS owner, -- of the deal or person
  s.occurred_at::TIMESTAMP AS touch_at, -- UTC
  j.credited_at::TIMESTAMP AS credited_at, -- the event at the end of the journey
  j.amount::DECIMAL(18, 2) AS amount, -- money of the event
  COALESCE(s.position, 1)::INTEGER AS position, -- 1 is the first
  COALESCE(s.touch_count, 1)::INTEGER AS touch_count, -- touches of the journey, at least 1; the position of the last
  s.lead_position::INTEGER AS lead_position, -- the touch of the lead creation: the latest at or before it
  s.opportunity_position::INTEGER AS opportunity_position, -- the touch of the deal's creation
  j.journey_version::BIGINT AS journey_version, -- what this row was made from
  @rule_credits(j.amount)
FROM journey AS j
LEFT JOIN shared AS s ON s.journey = j.journey;
