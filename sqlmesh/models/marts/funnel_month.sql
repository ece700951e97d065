MODEL (
  name marts.funnel_month,
  kind FULL,
  description 'How many people reached each stage for the first time in a month, by original channel and region.',
  owner marketing_ops,
  grain (month, channel, region),
  audits (
    not_null(columns := (month, leads, mqls, sqls, opportunities, customers)),
    unique_combination_of_columns(columns := (month, channel, region)),
    same_total(column := mqls, condition := TRUE, other := core.lifecycle_event,
      other_column := (CASE WHEN is_first THEN 1 ELSE 0 END), other_condition := stage = 'mql')
  )
);

SELECT
  DATE_TRUNC('month', e.occurred_at)::DATE AS month, -- first of the month
  p.channel::VARCHAR AS channel, -- original source
  p.region::VARCHAR AS region, -- of the person
  COUNT(CASE WHEN e.stage = 'lead' THEN 1 END)::BIGINT AS leads, -- new leads
  COUNT(CASE WHEN e.stage = 'mql' THEN 1 END)::BIGINT AS mqls, -- first MQLs
  COUNT(CASE WHEN e.stage = 'sql' THEN 1 END)::BIGINT AS sqls, -- first SQLs
  COUNT(CASE WHEN e.stage = 'opportunity' THEN 1 END)::BIGINT AS opportunities, -- people with a first deal
  COUNT(CASE WHEN e.stage = 'customer' THEN 1 END)::BIGINT AS customers -- people with a first deal won
FROM core.lifecycle_event AS e
JOIN core.person AS p ON p.person_id = e.person_id
WHERE e.is_first
GROUP BY DATE_TRUNC('month', e.occurred_at), p.channel, p.region;
