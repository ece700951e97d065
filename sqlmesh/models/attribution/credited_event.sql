MODEL (
  name attribution.credited_event,
  kind FULL,
  description 'What credit is given for: each first MQL, each deal created (pipeline), each deal won (revenue).',
  owner marketing_ops,
  grain (credit_kind, credited_id),
  audits (
    not_null(columns := (credit_kind, credited_id, credited_at, ends_before)),
    unique_combination_of_columns(columns := (credit_kind, credited_id)),
    accepted_values(column := credit_kind, is_in := ('mql', 'pipeline', 'revenue'))
  )
);

SELECT
  'mql'::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  person_id::VARCHAR AS credited_id, -- the person (mql) or the deal
  NULL::VARCHAR AS opportunity_id, -- the deal (pipeline, revenue)
  person_id::VARCHAR AS person_id, -- the person (mql), or who leads the deal
  first_mql_at::TIMESTAMP AS credited_at, -- when it happened
  DATEADD(SECOND, 1, first_mql_at)::TIMESTAMP AS ends_before, -- touches before this instant are on the way
  NULL::DECIMAL(18, 2) AS amount -- money to credit
FROM core.person
WHERE first_mql_at IS NOT NULL
UNION ALL
SELECT
  'pipeline',
  opportunity_id,
  opportunity_id,
  person_id,
  created_at,
  DATEADD(SECOND, 1, created_at),
  amount
FROM core.opportunity
WHERE created_at IS NOT NULL AND NOT is_deleted
UNION ALL
SELECT
  'revenue',
  opportunity_id,
  opportunity_id,
  person_id,
  closed_at,
  @end_of_closing(closed_at),
  amount
FROM core.opportunity
WHERE is_won AND closed_at IS NOT NULL AND NOT is_deleted;
