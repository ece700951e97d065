/* One row is a deal of the export. */
MODEL (
  name staging.deal,
  kind FULL,
  grain deal_id
);

SELECT
  deal_id::TEXT AS deal_id, /* The deal. */
  amount::DECIMAL(18, 2) AS amount, /* Its amount. */
  closed_at::TIMESTAMP AS closed_at /* When it was closed. */
FROM raw.files__deals
