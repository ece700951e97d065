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
  s.opportunity_id::VARCHAR AS opportunity_id, -- the deal
  s.stage::VARCHAR AS stage, -- that evening
  (s.amount_original * r.rate_to_reporting)::DECIMAL(18, 2) AS amount -- that evening, in the reporting currency of its creation day
FROM prep.deal_step AS s
JOIN core.opportunity AS o ON o.opportunity_id = s.opportunity_id
JOIN core.calendar AS c
  ON c.calendar_date >= s.valid_from::DATE
  AND c.calendar_date <= @execution_ds::DATE -- the day of the build
  AND (s.valid_to IS NULL OR c.calendar_date < s.valid_to::DATE)
LEFT JOIN core.exchange_rate AS r ON r.currency = o.currency AND r.rate_date = COALESCE(o.created_date, s.valid_from::DATE)
WHERE s.is_open AND NOT o.is_deleted;
