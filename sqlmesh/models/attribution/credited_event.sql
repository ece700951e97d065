MODEL (
  name attribution.credited_event,
  kind FULL,
  description 'What credit is given for: each first MQL, each deal created (pipeline), each deal won (revenue). Whoever and whatever was deleted is left out.',
  owner marketing_ops,
  grain (credit_kind, credited_id),
  audits (
    not_null(columns := (credit_kind, credited_id, credited_at, ends_before)),
    unique_combination_of_columns(columns := (credit_kind, credited_id)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue'))
  )
);

WITH first_lead AS (
  -- The lead creation of a deal is the earliest among its people.
  SELECT oc.opportunity_id, MIN(p.created_at) AS lead_at
  FROM core.opportunity_contact AS oc
  JOIN core.person AS p ON p.person_id = oc.person_id
  GROUP BY oc.opportunity_id
)
SELECT
  'mql'::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  person_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  NULL::VARCHAR AS opportunity_id, -- the deal (pipeline, revenue)
  person_id::VARCHAR AS person_id, -- the person (mql), or who leads the deal
  first_mql_at::TIMESTAMP AS credited_at, -- when it happened
  DATEADD(SECOND, 1, first_mql_at)::TIMESTAMP AS ends_before, -- touches before this instant are on the way
  created_at::TIMESTAMP AS lead_at, -- the lead creation: of the person, or the earliest of the deal's people
  NULL::TIMESTAMP AS opportunity_at, -- the deal's creation
  NULL::DECIMAL(18, 2) AS amount -- money to credit
FROM core.person
WHERE first_mql_at IS NOT NULL AND NOT is_deleted
UNION ALL
SELECT
  'pipeline',
  o.opportunity_id,
  o.opportunity_id,
  o.person_id,
  o.created_at,
  DATEADD(SECOND, 1, o.created_at),
  l.lead_at,
  o.created_at,
  o.amount
FROM core.opportunity AS o
LEFT JOIN first_lead AS l ON l.opportunity_id = o.opportunity_id
WHERE o.created_at IS NOT NULL AND NOT o.is_deleted
UNION ALL
SELECT
  'revenue',
  o.opportunity_id,
  o.opportunity_id,
  o.person_id,
  o.closed_at,
  @end_of_closing(o.closed_at),
  l.lead_at,
  o.created_at,
  o.amount
FROM core.opportunity AS o
LEFT JOIN first_lead AS l ON l.opportunity_id = o.opportunity_id
WHERE o.is_won AND o.closed_at IS NOT NULL AND NOT o.is_deleted;
