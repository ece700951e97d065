MODEL (
  name core.opportunity_stage,
  kind FULL,
  description 'A stage that a deal was in, from when to when.',
  owner revops,
  grain (opportunity_id, valid_from),
  audits (
    not_null(columns := (opportunity_id, stage, is_current)),
    unique_combination_of_columns(columns := (opportunity_id, valid_from))
  )
);

-- Without a stage history the present stage holds since the deal was opened (open) or closed (closed).
SELECT
  opportunity_id::VARCHAR AS opportunity_id, -- the deal
  COALESCE(stage, CASE WHEN is_won THEN 'won' WHEN is_closed THEN 'lost' ELSE 'open' END)::VARCHAR AS stage, -- as in its system
  CASE WHEN is_closed THEN COALESCE(closed_at, created_at) ELSE created_at END::TIMESTAMP AS valid_from, -- entered, UTC
  NULL::TIMESTAMP AS valid_to, -- left; NULL while it is in it
  TRUE::BOOLEAN AS is_current -- the stage it is in now
FROM core.opportunity;
