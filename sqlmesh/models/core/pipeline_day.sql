MODEL (
  name core.pipeline_day,
  kind FULL,
  description 'An open deal on a day: what the pipeline was that evening.',
  owner revops,
  grain (snapshot_date, opportunity_id),
  audits (
    not_null(columns := (snapshot_date, opportunity_id)),
    unique_combination_of_columns(columns := (snapshot_date, opportunity_id)),
    references_row(column := opportunity_id, parent := core.opportunity, parent_column := opportunity_id)
  )
);

SELECT
  c.calendar_date::DATE AS snapshot_date, -- the day, at its end
  o.opportunity_id::VARCHAR AS opportunity_id, -- the deal
  CASE WHEN o.is_closed THEN 'open' ELSE o.stage END::VARCHAR AS stage, -- that evening, as far as known
  o.amount::DECIMAL(18, 2) AS amount -- in the reporting currency
FROM core.opportunity AS o
JOIN core.calendar AS c
  ON c.calendar_date >= o.created_date
  AND c.calendar_date <= @execution_ds::DATE -- the day of the build
  AND (NOT o.is_closed OR c.calendar_date < o.closed_at::DATE)
WHERE NOT o.is_deleted AND o.created_date IS NOT NULL;
