MODEL (
  name marts.content_prevalence,
  kind FULL,
  description 'For each asset, over all deals that closed: how common it was among the won and among the lost, and the difference with its 95 % interval.',
  owner content_marketing,
  grain content_id,
  depends_on (core.content),
  audits (
    not_null(columns := (content_id, won_with, lost_with, won, lost)),
    unique_values(columns := (content_id)),
    references_row(column := content_id, parent := core.content, parent_column := content_id),
    forall(criteria := (difference_low <= difference, difference <= difference_high, difference_low >= -1.000001, difference_high <= 1.000001))
  )
);

WITH counted AS (
  SELECT content_id, SUM(won_with) AS won_with, SUM(lost_with) AS lost_with, SUM(won) AS won, SUM(lost) AS lost
  FROM marts.content_outcome
  GROUP BY content_id
)
SELECT
  content_id::VARCHAR AS content_id, -- the asset
  won_with::BIGINT AS won_with, -- won, and met the asset before
  lost_with::BIGINT AS lost_with, -- lost, and met the asset before
  won::BIGINT AS won, -- all that were won
  lost::BIGINT AS lost, -- all that were lost
  (won_with::DOUBLE / NULLIF(won, 0))::DOUBLE AS won_share, -- of the won deals that met it
  (lost_with::DOUBLE / NULLIF(lost, 0))::DOUBLE AS lost_share, -- of the lost deals that met it
  (won_with::DOUBLE / NULLIF(won, 0) - lost_with::DOUBLE / NULLIF(lost, 0))::DOUBLE AS difference, -- the one less the other
  @difference_low(won_with, won, lost_with, lost)::DOUBLE AS difference_low, -- lower end of its 95 % interval (Newcombe)
  @difference_high(won_with, won, lost_with, lost)::DOUBLE AS difference_high -- upper end
FROM counted;
