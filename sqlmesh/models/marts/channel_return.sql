MODEL (
  name marts.channel_return,
  kind FULL,
  description 'What one more unit of spend on a channel would bring in pipeline, by a curve of diminishing returns; refused where the months cannot tell.',
  owner marketing_ops,
  grain channel,
  audits (
    not_null(columns := (channel, status, spend_now, months)),
    unique_values(columns := (channel)),
    forall(criteria := (status = 'ok' OR marginal_return IS NULL, marginal_return_low <= marginal_return, marginal_return <= marginal_return_high))
  )
);

SELECT
  channel::VARCHAR AS channel, -- that money was spent on
  attribution_model::VARCHAR AS attribution_model, -- whose pipeline it is
  status::VARCHAR AS status, -- ok, or refused and why
  month_from::DATE AS month_from, -- first month learnt from
  month_to::DATE AS month_to, -- last month learnt from; the pipeline of younger ones is still to come
  present_month::DATE AS present_month, -- the last whole month
  months::BIGINT AS months, -- learnt from: those with spend
  spend_now::DECIMAL(18, 2) AS spend_now, -- a month, mean of the last months; reporting currency
  mean_spend::DECIMAL(18, 2) AS mean_spend, -- a month, of those learnt from
  mean_pipeline::DECIMAL(18, 2) AS mean_pipeline, -- a month, of those learnt from, by the month of the touch
  pipeline_now::DECIMAL(18, 2) AS pipeline_now, -- of a month, by the curve at today's spend
  elasticity::DOUBLE AS elasticity, -- per cent of pipeline for a per cent of spend
  elasticity_low::DOUBLE AS elasticity_low, -- lower end of its interval
  elasticity_high::DOUBLE AS elasticity_high, -- upper end of its interval
  marginal_return::DOUBLE AS marginal_return, -- pipeline that one more unit of spend brings, at today's spend
  marginal_return_low::DOUBLE AS marginal_return_low, -- lower end of its interval
  marginal_return_high::DOUBLE AS marginal_return_high -- upper end of its interval
FROM prep.channel_response
WHERE NOT is_whole;
