MODEL (
  name staging.stg_salesforce__opportunity_line_item,
  kind FULL,
  description 'A product on a Salesforce opportunity.',
  owner revops,
  grain line_id,
  audits (
    not_null(columns := (line_id)),
    unique_values(columns := (line_id)),
    same_row_count(other := raw.salesforce__opportunity_line_item)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS line_id, -- 18 characters
  @salesforce_id(opportunity_id)::VARCHAR AS opportunity_id, -- the deal
  @known(product_name)::VARCHAR AS product, -- what is sold
  quantity::DECIMAL(18, 2) AS quantity, -- how many
  total_price::DECIMAL(18, 2) AS amount, -- of the line, in the currency of the deal
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- taken off the deal, or gone with it
FROM raw.salesforce__opportunity_line_item;
