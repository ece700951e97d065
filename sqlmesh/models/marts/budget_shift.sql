MODEL (
  name marts.budget_shift,
  kind FULL,
  description 'The same budget divided better, as far as the responses of the channels are known: a month of each channel, and of all of them.',
  owner marketing_ops,
  grain (channel, is_whole),
  audits (
    not_null(columns := (is_whole, status, spend_now)),
    unique_combination_of_columns(columns := (channel, is_whole)),
    budget_stays()
  )
);

SELECT
  channel::VARCHAR AS channel, -- NULL: all of them
  is_whole::BOOLEAN AS is_whole, -- all channels together
  present_month::DATE AS present_month, -- the last whole month
  CASE
    WHEN plan_status <> 'ok' THEN plan_status
    WHEN status <> 'ok' THEN 'unchanged: its response is ' || status
    ELSE 'ok'
  END::VARCHAR AS status, -- ok, unchanged and why, or refused and why
  spend_now::DECIMAL(18, 2) AS spend_now, -- a month; reporting currency
  spend_proposed::DECIMAL(18, 2) AS spend_proposed, -- a month; NULL where refused
  (spend_proposed - spend_now)::DECIMAL(18, 2) AS spend_change, -- the changes of all channels are 0 together
  pipeline_change::DECIMAL(18, 2) AS pipeline_change, -- of a month, by the curves
  pipeline_change_low::DECIMAL(18, 2) AS pipeline_change_low, -- lower end of its interval; intervals do not add up
  pipeline_change_high::DECIMAL(18, 2) AS pipeline_change_high -- upper end of its interval
FROM prep.channel_response;
