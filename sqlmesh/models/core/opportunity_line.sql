MODEL (
  name core.opportunity_line,
  kind FULL,
  description 'A product on a deal. A deal has many lines and one amount: its money is never summed through them.',
  owner revops,
  grain line_id,
  audits (
    not_null(columns := (line_id, opportunity_id)),
    unique_values(columns := (line_id)),
    references_row(column := opportunity_id, parent := core.opportunity, parent_column := opportunity_id)
  )
);

SELECT
  l.line_id::VARCHAR AS line_id, -- Salesforce's id of the line
  l.opportunity_id::VARCHAR AS opportunity_id, -- the deal
  l.product::VARCHAR AS product, -- what is sold
  l.quantity::DECIMAL(18, 2) AS quantity, -- how many
  l.amount::DECIMAL(18, 2) AS amount_original, -- of the line, in the currency of the deal
  @converted(l.amount, CASE WHEN o.currency = @reporting_currency THEN 1 ELSE r.rate_to_reporting END)::DECIMAL(18, 2) AS amount -- in the reporting currency, at the deal's rate
FROM staging.stg_salesforce__opportunity_line_item AS l
JOIN core.opportunity AS o ON o.opportunity_id = l.opportunity_id
LEFT JOIN core.exchange_rate AS r ON r.currency = o.currency AND r.rate_date = @rate_date(o)
WHERE NOT l.is_deleted;
