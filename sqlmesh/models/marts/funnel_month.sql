MODEL (
  name marts.funnel_month,
  kind FULL,
  description 'How many people reached each stage for the first time in a month, by original channel and region; people who were deleted are left out.',
  owner marketing_ops,
  grain (month, channel, region),
  audits (
    not_null(columns := (month, leads, mqls, sqls, opportunities, customers)),
    unique_combination_of_columns(columns := (month, channel, region)),
    same_total(column := mqls, condition := TRUE, other := core.person,
      other_column := (CASE WHEN is_deleted OR first_mql_at IS NULL THEN 0 ELSE 1 END), other_condition := TRUE)
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
WHERE e.is_first AND NOT p.is_deleted
GROUP BY DATE_TRUNC('month', e.occurred_at), p.channel, p.region;
