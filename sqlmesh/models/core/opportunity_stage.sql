MODEL (
  name core.opportunity_stage,
  kind FULL,
  description 'A stage that a deal was in, from when to when.',
  owner revops,
  grain (opportunity_id, place),
  depends_on (core.opportunity),
  audits (
    not_null(columns := (opportunity_id, place, stage, is_current)),
    unique_combination_of_columns(columns := (opportunity_id, place)),
    references_row(column := opportunity_id, parent := core.opportunity, parent_column := opportunity_id)
  )
);

-- Steps that changed only the amount are one stay in the stage.
WITH marked AS (
  SELECT
    opportunity_id,
    place,
    stage,
    valid_from,
    CASE WHEN stage = LAG(stage) OVER (PARTITION BY opportunity_id ORDER BY place) THEN 0 ELSE 1 END AS is_entry
  FROM prep.deal_step
),
entry AS (
  SELECT
    opportunity_id,
    place,
    stage,
    valid_from,
    LEAD(valid_from) OVER (PARTITION BY opportunity_id ORDER BY place) AS valid_to,
    ROW_NUMBER() OVER (PARTITION BY opportunity_id ORDER BY place DESC) AS from_the_end
  FROM marked
  WHERE is_entry = 1
)
SELECT
  opportunity_id::VARCHAR AS opportunity_id, -- the deal
  place::INTEGER AS place, -- orders the stays
  stage::VARCHAR AS stage, -- as in its system
  valid_from::TIMESTAMP AS valid_from, -- entered, UTC
  valid_to::TIMESTAMP AS valid_to, -- left; NULL while it is in it
  (from_the_end = 1)::BOOLEAN AS is_current, -- the stage it is in now
  (@seconds_between(valid_from, valid_to) / 86400.0)::DECIMAL(18, 6) AS days -- how long it stayed; NULL while it is in it
FROM entry;
