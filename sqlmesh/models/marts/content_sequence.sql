MODEL (
  name marts.content_sequence,
  kind FULL,
  description 'For each frequent sequence of assets, or of kinds of assets, and month of closing: how many deals that met it were won and lost, beside all deals that closed.',
  owner content_marketing,
  grain (sequence_id, close_month, region, segment),
  audits (
    not_null(columns := (sequence_id, sequence, sequence_of, length, close_month, won_with, lost_with, won, lost)),
    unique_combination_of_columns(columns := (sequence_id, close_month, region, segment)),
    accepted_values(column := length, is_in := (2, 3)),
    forall(criteria := (won_with <= won, lost_with <= lost))
  )
);

WITH sequence AS (
  SELECT sequence_id, sequence_of, length, step_1, step_2, step_3
  FROM prep.content_sequence
  GROUP BY sequence_id, sequence_of, length, step_1, step_2, step_3
),
titled AS (
  SELECT
    s.sequence_id,
    s.sequence_of,
    s.length,
    COALESCE(a.title, s.step_1) || ' > ' || COALESCE(b.title, s.step_2)
      || CASE WHEN s.step_3 IS NULL THEN '' ELSE ' > ' || COALESCE(c.title, s.step_3) END AS sequence
  FROM sequence AS s
  LEFT JOIN core.content AS a ON s.sequence_of = 'asset' AND a.content_id = s.step_1
  LEFT JOIN core.content AS b ON s.sequence_of = 'asset' AND b.content_id = s.step_2
  LEFT JOIN core.content AS c ON s.sequence_of = 'asset' AND c.content_id = s.step_3
),
closed AS (
  SELECT
    opportunity_id,
    is_won,
    amount,
    DATE_TRUNC('month', close_date)::DATE AS close_month,
    region,
    segment,
    @key_of(DATE_TRUNC('month', close_date)::DATE, region, segment) AS cell
  FROM core.opportunity
  WHERE is_closed AND NOT is_deleted AND close_date IS NOT NULL
),
of_cell AS (
  SELECT
    cell,
    close_month,
    region,
    segment,
    COUNT(CASE WHEN is_won THEN 1 END) AS won,
    COUNT(CASE WHEN NOT is_won THEN 1 END) AS lost
  FROM closed
  GROUP BY cell, close_month, region, segment
),
met AS (
  SELECT
    s.sequence_id,
    d.cell,
    COUNT(CASE WHEN d.is_won THEN 1 END) AS won_with,
    COUNT(CASE WHEN NOT d.is_won THEN 1 END) AS lost_with,
    SUM(CASE WHEN d.is_won THEN d.amount END) AS revenue_with
  FROM prep.content_sequence AS s
  JOIN closed AS d ON d.opportunity_id = s.opportunity_id
  GROUP BY s.sequence_id, d.cell
)
SELECT
  t.sequence_id::VARCHAR AS sequence_id, -- key of the sequence; each has a row for every month in which deals closed
  t.sequence::VARCHAR AS sequence, -- its steps in order, by their titles
  t.sequence_of::VARCHAR AS sequence_of, -- asset or content_type
  t.length::INTEGER AS length, -- 2 or 3
  c.close_month::DATE AS close_month, -- first of the month
  c.region::VARCHAR AS region, -- of the deals
  c.segment::VARCHAR AS segment, -- of the deals
  COALESCE(m.won_with, 0)::BIGINT AS won_with, -- won, and met the sequence before
  COALESCE(m.lost_with, 0)::BIGINT AS lost_with, -- lost, and met the sequence before
  COALESCE(m.revenue_with, 0)::DECIMAL(18, 2) AS revenue_with, -- of those that were won
  c.won::BIGINT AS won, -- all that were won
  c.lost::BIGINT AS lost -- all that were lost
FROM titled AS t
CROSS JOIN of_cell AS c
LEFT JOIN met AS m ON m.sequence_id = t.sequence_id AND m.cell = c.cell;
