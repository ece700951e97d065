MODEL (
  name marts.forecast,
  kind FULL,
  description 'Closed-won revenue expected of a month or quarter, with its interval and, once the period is over, what came of it.',
  owner finance,
  grain (horizon, period_start),
  audits (
    not_null(columns := (horizon, period_start, period_end, as_of_date, is_current, status, won_revenue)),
    unique_combination_of_columns(columns := (horizon, period_start)),
    accepted_values(column := horizon, is_in := ('month', 'quarter')),
    forall(criteria := (status <> 'ok' OR revenue = won_revenue + open_revenue + new_revenue, status = 'ok' OR revenue IS NULL, revenue_low <= revenue_high))
  )
);

SELECT
  f.horizon::VARCHAR AS horizon, -- month or quarter (of the fiscal year)
  f.period_start::DATE AS period_start, -- first day of the period
  f.period_end::DATE AS period_end, -- last day of the period
  f.as_of_date::DATE AS as_of_date, -- the last evening that the forecast knows
  f.is_current::BOOLEAN AS is_current, -- the running period; the others are back-tests: what the method would have said then
  f.status::VARCHAR AS status, -- ok, or refused and why
  f.wins_learnt_from::BIGINT AS wins_learnt_from, -- deals won until then
  f.open_deals::BIGINT AS open_deals, -- open on that evening
  f.won_revenue::DECIMAL(18, 2) AS won_revenue, -- won in the period until that evening, reporting currency
  f.open_revenue::DECIMAL(18, 2) AS open_revenue, -- expected from the deals open that evening
  f.new_revenue::DECIMAL(18, 2) AS new_revenue, -- expected from deals opened later
  (f.won_revenue + f.open_revenue + f.new_revenue)::DECIMAL(18, 2) AS revenue, -- expected at the end of the period
  f.revenue_low::DECIMAL(18, 2) AS revenue_low, -- lower end of the interval; intervals do not add up
  f.revenue_high::DECIMAL(18, 2) AS revenue_high, -- upper end of the interval
  f.naive_revenue::DECIMAL(18, 2) AS naive_revenue, -- won until then, and the mean daily revenue of the last year for the days left
  CASE WHEN NOT f.is_current THEN COALESCE(SUM(o.amount), 0) END::DECIMAL(18, 2) AS actual_revenue -- closed-won revenue of the period; NULL while it runs
FROM prep.forecast AS f
LEFT JOIN core.opportunity AS o
  ON o.close_date BETWEEN f.period_start AND f.period_end AND o.is_won AND NOT o.is_deleted
WHERE f.is_whole
GROUP BY
  f.horizon,
  f.period_start,
  f.period_end,
  f.as_of_date,
  f.is_current,
  f.status,
  f.wins_learnt_from,
  f.open_deals,
  f.won_revenue,
  f.open_revenue,
  f.new_revenue,
  f.revenue_low,
  f.revenue_high,
  f.naive_revenue;
