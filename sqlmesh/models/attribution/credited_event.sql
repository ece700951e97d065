MODEL (
  name attribution.credited_event,
  kind FULL,
  description 'What credit is given for: each first MQL, each deal created (pipeline), each deal won (revenue). Whoever and whatever was deleted is left out.',
  owner marketing_ops,
  grain (credit_kind, credited_id),
  audits (
    not_null(columns := (credit_kind, credited_id, credited_at, ends_before, journey_version)),
    unique_combination_of_columns(columns := (credit_kind, credited_id)),
    unique_values(columns := (journey_version)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue'))
  )
);

WITH walked AS (
  -- What all touches of a person are, as two numbers that do not depend on the order of the rows.
  SELECT
    person_id,
    COUNT(*) AS touches,
    SUM(@digest_of(touch_id, occurred_at, channel, source, medium, campaign_id, content_id)) AS digest
  FROM core.touch
  GROUP BY person_id
),
team AS (
  SELECT
    oc.opportunity_id,
    MIN(p.created_at) AS lead_at, -- the lead creation of a deal is the earliest among its people
    COUNT(*) AS people,
    SUM(@digest_of(oc.person_id)) AS people_digest,
    SUM(w.touches) AS touches,
    SUM(w.digest) AS digest
  FROM core.opportunity_contact AS oc
  LEFT JOIN core.person AS p ON p.person_id = oc.person_id
  LEFT JOIN walked AS w ON w.person_id = oc.person_id
  GROUP BY oc.opportunity_id
),
direct AS (
  SELECT SUM(@digest_of(channel, is_direct)) AS digest FROM seeds.channel
),
event AS (
  SELECT
    'mql' AS credit_kind,
    p.person_id AS credited_id,
    NULL AS opportunity_id,
    p.person_id,
    p.first_mql_at AS credited_at,
    DATEADD(SECOND, 1, p.first_mql_at) AS ends_before,
    p.created_at AS lead_at,
    NULL::TIMESTAMP AS opportunity_at,
    NULL::DECIMAL(18, 2) AS amount,
    NULL AS deal,
    @key_of(w.touches, w.digest) AS walked
  FROM core.person AS p
  LEFT JOIN walked AS w ON w.person_id = p.person_id
  WHERE p.first_mql_at IS NOT NULL AND NOT p.is_deleted
  UNION ALL
  SELECT
    'pipeline',
    o.opportunity_id,
    o.opportunity_id,
    o.person_id,
    o.created_at,
    DATEADD(SECOND, 1, o.created_at),
    t.lead_at,
    o.created_at,
    o.amount,
    @key_of(o.region, o.segment, o.industry, o.product, o.owner),
    @key_of(t.people, t.people_digest, t.touches, t.digest)
  FROM core.opportunity AS o
  LEFT JOIN team AS t ON t.opportunity_id = o.opportunity_id
  WHERE o.created_at IS NOT NULL AND NOT o.is_deleted
  UNION ALL
  SELECT
    'revenue',
    o.opportunity_id,
    o.opportunity_id,
    o.person_id,
    o.closed_at,
    @end_of_closing(o.closed_at),
    t.lead_at,
    o.created_at,
    o.amount,
    @key_of(o.region, o.segment, o.industry, o.product, o.owner),
    @key_of(t.people, t.people_digest, t.touches, t.digest)
  FROM core.opportunity AS o
  LEFT JOIN team AS t ON t.opportunity_id = o.opportunity_id
  WHERE o.is_won AND o.closed_at IS NOT NULL AND NOT o.is_deleted
)
SELECT
  e.credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  e.credited_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  e.opportunity_id::VARCHAR AS opportunity_id, -- the deal (pipeline, revenue)
  e.person_id::VARCHAR AS person_id, -- the person (mql), or who leads the deal
  e.credited_at::TIMESTAMP AS credited_at, -- when it happened
  e.ends_before::TIMESTAMP AS ends_before, -- touches before this instant are on the way
  e.lead_at::TIMESTAMP AS lead_at, -- the lead creation: of the person, or the earliest of the deal's people
  e.opportunity_at::TIMESTAMP AS opportunity_at, -- the deal's creation
  e.amount::DECIMAL(18, 2) AS amount, -- money to credit
  @key_of(
    @attribution_settings(), d.digest, e.credit_kind, e.credited_id, e.person_id, e.credited_at, e.ends_before, e.lead_at, e.opportunity_at,
    e.amount, e.deal, e.walked, p.region, p.segment, p.industry, p.owner
  )::VARCHAR AS journey_version -- a digest of all that the credit for this event depends on: the same version, the same credit
FROM event AS e
CROSS JOIN direct AS d
LEFT JOIN core.person AS p ON p.person_id = e.person_id;
