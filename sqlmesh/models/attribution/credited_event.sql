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

WITH walker AS (
  SELECT person_id FROM core.opportunity_contact
  UNION
  SELECT person_id FROM core.person WHERE first_mql_at IS NOT NULL
),
walked AS (
  -- What all touches of a person are, as two numbers that do not depend on the order of the rows.
  SELECT
    t.person_id,
    COUNT(*) AS touches,
    SUM(@digest_of(t.person_id, t.touch_id, t.occurred_at, t.channel, t.source, t.medium, t.campaign_id, t.content_id)) AS digest
  FROM core.touch AS t
  JOIN walker AS w ON w.person_id = t.person_id
  GROUP BY t.person_id
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
deal AS (
  SELECT
    o.opportunity_id,
    o.person_id,
    o.created_at,
    o.closed_at,
    o.is_won,
    o.amount,
    COALESCE(o.region, p.region) AS region,
    COALESCE(o.segment, p.segment) AS segment,
    COALESCE(o.industry, p.industry) AS industry,
    o.product,
    COALESCE(o.owner, p.owner) AS owner,
    t.lead_at,
    @key_of(t.people, t.people_digest, t.touches, t.digest) AS walked
  FROM core.opportunity AS o
  LEFT JOIN core.person AS p ON p.person_id = o.person_id
  LEFT JOIN team AS t ON t.opportunity_id = o.opportunity_id
  WHERE NOT o.is_deleted
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
    p.region,
    p.segment,
    p.industry,
    NULL AS product,
    p.owner,
    @key_of(w.touches, w.digest) AS walked
  FROM core.person AS p
  LEFT JOIN walked AS w ON w.person_id = p.person_id
  WHERE p.first_mql_at IS NOT NULL AND NOT p.is_deleted
  UNION ALL
  SELECT
    'pipeline', opportunity_id, opportunity_id, person_id, created_at, DATEADD(SECOND, 1, created_at), lead_at, created_at, amount,
    region, segment, industry, product, owner, walked
  FROM deal
  WHERE created_at IS NOT NULL
  UNION ALL
  SELECT
    'revenue', opportunity_id, opportunity_id, person_id, closed_at, @end_of_closing(closed_at), lead_at, created_at, amount,
    region, segment, industry, product, owner, walked
  FROM deal
  WHERE is_won AND closed_at IS NOT NULL
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
  e.region::VARCHAR AS region, -- of the deal; where it has none, of the person
  e.segment::VARCHAR AS segment, -- likewise
  e.industry::VARCHAR AS industry, -- likewise
  e.product::VARCHAR AS product, -- of the deal
  e.owner::VARCHAR AS owner, -- of the deal; where it has none, of the person
  @digest_of(
    @attribution_settings(), d.digest, e.credit_kind, e.credited_id, e.person_id, e.credited_at, e.ends_before, e.lead_at, e.opportunity_at,
    e.amount, e.region, e.segment, e.industry, e.product, e.owner, e.walked
  )::BIGINT AS journey_version -- a digest of all that the credit for this event depends on: the same version, the same credit
FROM event AS e
CROSS JOIN direct AS d;
