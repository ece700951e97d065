/* One row is a deal. */
MODEL (
  name core.opportunity,
  kind FULL,
  grain deal_id,
  audits (deal_has_amount)
);

SELECT
  deal_id::TEXT AS deal_id, /* The deal. */
  amount::DECIMAL(18, 2) AS amount, /* Its amount. */
  closed_at::TIMESTAMP AS closed_at /* When it was closed. */
FROM staging.deal
