MODEL (
  name marts.forecast_segment,
  kind FULL,
  description 'What each segment brings to the forecast of a month or quarter. Without interval: those of segments do not add up to that of the company.',
  owner finance,
  grain (horizon, period_start, segment),
  depends_on (marts.forecast),
  audits (
    not_null(columns := (horizon, period_start, as_of_date, is_current)),
    unique_combination_of_columns(columns := (horizon, period_start, segment)),
    segments_sum_to_the_whole(other := marts.forecast)
  )
);

SELECT
  horizon::VARCHAR AS horizon, -- month or quarter (of the fiscal year)
  period_start::DATE AS period_start, -- first day of the period
  as_of_date::DATE AS as_of_date, -- the last evening that the forecast knows
  is_current::BOOLEAN AS is_current, -- the running period; the others are back-tests
  segment::VARCHAR AS segment, -- of the deals; NULL: unknown
  status::VARCHAR AS status, -- ok, or refused and why
  won_revenue::DECIMAL(18, 2) AS won_revenue, -- won in the period until that evening, reporting currency
  open_revenue::DECIMAL(18, 2) AS open_revenue, -- expected from the deals open that evening
  new_revenue::DECIMAL(18, 2) AS new_revenue, -- expected from deals opened later
  (won_revenue + open_revenue + new_revenue)::DECIMAL(18, 2) AS revenue -- expected at the end of the period
FROM prep.forecast
WHERE NOT is_whole;
