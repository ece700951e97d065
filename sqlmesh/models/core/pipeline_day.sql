MODEL (
  name core.pipeline_day,
  kind FULL,
  description 'An open deal on a day: what the pipeline was that evening. An evening without any open deal has one row, of no deal and no money.',
  owner revops,
  grain (snapshot_date, opportunity_id),
  audits (
    not_null(columns := (snapshot_date)),
    unique_combination_of_columns(columns := (snapshot_date, opportunity_id)),
    references_row(column := opportunity_id, parent := core.opportunity, parent_column := opportunity_id)
  )
);

WITH open_deal AS (
  SELECT
    c.calendar_date AS snapshot_date,
    s.opportunity_id,
    s.stage,
    @converted(s.amount_original, r.rate_to_reporting) AS amount
  FROM prep.deal_step AS s
  JOIN core.opportunity AS o ON o.opportunity_id = s.opportunity_id
  JOIN core.calendar AS c
    ON c.calendar_date >= s.valid_from::DATE
    AND c.calendar_date <= @execution_ds::DATE -- the day of the build
    AND (s.valid_to IS NULL OR c.calendar_date < s.valid_to::DATE)
  LEFT JOIN core.exchange_rate AS r ON r.currency = o.currency AND r.rate_date = COALESCE(o.created_date, s.valid_from::DATE)
  WHERE s.is_open AND NOT o.is_deleted
),
known AS (
  SELECT MIN(snapshot_date) AS first_day FROM open_deal
),
quiet AS (
  -- Without them the balance of a month that ended without open deals would be that of its last evening with one.
  SELECT c.calendar_date AS snapshot_date
  FROM core.calendar AS c
  JOIN known AS k ON c.calendar_date >= k.first_day AND c.calendar_date <= @execution_ds::DATE
  LEFT JOIN (SELECT DISTINCT snapshot_date FROM open_deal) AS d ON d.snapshot_date = c.calendar_date
  WHERE d.snapshot_date IS NULL
)
SELECT
  snapshot_date::DATE AS snapshot_date, -- the day, at its end
  opportunity_id::VARCHAR AS opportunity_id, -- the deal; NULL: none was open
  stage::VARCHAR AS stage, -- that evening
  amount::DECIMAL(18, 2) AS amount -- that evening, in the reporting currency of its creation day
FROM open_deal
UNION ALL
SELECT snapshot_date, NULL, NULL, 0
FROM quiet;
