MODEL (
  name attribution.journey_touch,
  kind CUSTOM (materialization 'changed_journeys', materialization_properties (version = 'journey_version')),
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
  SELECT e.*, DATEADD(DAY, -@lookback_days(), e.credited_at) AS begins_at
  FROM attribution.credited_event AS e
  WHERE @is_to_build(e.journey_version)
),
walker AS (
  SELECT journey_version, person_id, credited_at, begins_at, ends_before, lead_at, opportunity_at
  FROM journey
  WHERE credit_kind = 'mql'
  UNION ALL
  SELECT j.journey_version, oc.person_id, j.credited_at, j.begins_at, j.ends_before, j.lead_at, j.opportunity_at
  FROM journey AS j
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = j.opportunity_id
  WHERE j.credit_kind <> 'mql'
),
faded AS (
  -- A version is the version of one event: a number, and a lighter key to sort by than two texts.
  SELECT
    w.journey_version,
    w.lead_at,
    w.opportunity_at,
    t.touch_id,
    t.occurred_at,
    t.person_id,
    t.channel,
    t.source,
    t.medium,
    t.campaign_id,
    t.content_id,
    COALESCE(c.is_direct, FALSE) AS is_direct,
    -- Beyond a thousand half-lives all touches weigh the same: a double holds no less.
    POWER(2.0::DOUBLE, GREATEST(-@seconds_between(t.occurred_at, w.credited_at) / 86400.0 / @half_life_days(), -1000)) AS decay
  FROM walker AS w
  JOIN core.touch AS t ON t.person_id = w.person_id AND t.occurred_at < w.ends_before AND t.occurred_at >= w.begins_at
  LEFT JOIN seeds.channel AS c ON c.channel = t.channel
),
placed AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY journey_version ORDER BY occurred_at, touch_id) AS position,
    COUNT(*) OVER (PARTITION BY journey_version) AS touch_count,
    COUNT(CASE WHEN occurred_at <= lead_at THEN 1 END) OVER (PARTITION BY journey_version) AS lead_position,
    COUNT(CASE WHEN occurred_at <= opportunity_at THEN 1 END) OVER (PARTITION BY journey_version) AS opportunity_position,
    SUM(decay) OVER (PARTITION BY journey_version ORDER BY occurred_at, touch_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
      / SUM(decay) OVER (PARTITION BY journey_version) AS decay_share
  FROM faded
),
counted AS (
  SELECT
    *,
    LAG(decay_share, 1, 0) OVER (PARTITION BY journey_version ORDER BY position) AS decay_before,
    MAX(CASE WHEN NOT is_direct THEN position END) OVER (PARTITION BY journey_version) AS non_direct_position -- NULL: all were direct
  FROM placed
),
told AS (
  -- A journey without touches is one step, which gets everything.
  SELECT
    j.credit_kind,
    j.credited_id,
    j.opportunity_id,
    COALESCE(s.person_id, j.person_id) AS person_id,
    s.touch_id,
    CASE WHEN s.touch_id IS NULL THEN 'unattributed' ELSE s.channel END AS channel,
    s.source,
    s.medium,
    s.campaign_id,
    s.content_id,
    j.region,
    j.segment,
    j.industry,
    j.product,
    j.owner,
    s.occurred_at,
    j.credited_at,
    j.amount,
    CAST(j.amount AS DOUBLE) * 100 AS amount_cents,
    ABS(j.amount) >= 1000000000 AS is_large, -- a double does not know its cents
    j.journey_version,
    COALESCE(s.position, 1) AS position,
    COALESCE(s.touch_count, 1) AS touch_count,
    NULLIF(s.lead_position, 0) AS lead_position,
    NULLIF(s.opportunity_position, 0) AS opportunity_position,
    CASE WHEN j.credit_kind = 'revenue' THEN COALESCE(s.touch_count, 1) END AS close_position,
    s.non_direct_position,
    COALESCE(s.decay_before, 0) AS decay_before,
    COALESCE(s.decay_share, 1) AS decay_share
  FROM journey AS j
  LEFT JOIN counted AS s ON s.journey_version = j.journey_version
),
shared AS (
  SELECT *, @rule_shares() FROM told
),
rated AS (
  SELECT *, @rule_cents() FROM shared
),
rounded AS (
  SELECT *, @rule_whole_cents() FROM rated
)
SELECT
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  opportunity_id::VARCHAR AS opportunity_id, -- the deal (pipeline, revenue)
  person_id::VARCHAR AS person_id, -- who was touched; without a touch the person credited
  touch_id::VARCHAR AS touch_id, -- the touch; NULL where the journey has none
  channel::VARCHAR AS channel, -- of the touch, or unattributed
  source::VARCHAR AS source, -- of the touch
  medium::VARCHAR AS medium, -- of the touch
  campaign_id::VARCHAR AS campaign_id, -- of the touch
  content_id::VARCHAR AS content_id, -- of the touch
  region::VARCHAR AS region, -- of the deal or person
  segment::VARCHAR AS segment, -- of the deal or person
  industry::VARCHAR AS industry, -- of the deal or person
  product::VARCHAR AS product, -- of the deal
  owner::VARCHAR AS owner, -- of the deal or person
  occurred_at::TIMESTAMP AS touch_at, -- UTC
  credited_at::TIMESTAMP AS credited_at, -- the event at the end of the journey
  amount::DECIMAL(18, 2) AS amount, -- money of the event
  position::INTEGER AS position, -- 1 is the first
  touch_count::INTEGER AS touch_count, -- touches of the journey, at least 1; the position of the last
  lead_position::INTEGER AS lead_position, -- the touch of the lead creation: the latest at or before it
  opportunity_position::INTEGER AS opportunity_position, -- the touch of the deal's creation
  journey_version::BIGINT AS journey_version, -- what this row was made from
  @rule_credits()
FROM rounded;
