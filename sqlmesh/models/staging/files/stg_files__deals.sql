MODEL (
  name staging.stg_files__deals,
  kind FULL,
  description 'Deals from files.',
  owner revops,
  grain deal_id,
  audits (not_null(columns := (deal_id)), unique_values(columns := (deal_id)), same_row_count(other := raw.files__deals))
);

SELECT
  deal_id::VARCHAR AS deal_id, -- id in the file
  @known(lead_id)::VARCHAR AS lead_id, -- the lead it came from
  @known(account)::VARCHAR AS account, -- the company's name
  @known(name)::VARCHAR AS name, -- the deal's name
  @known(stage)::VARCHAR AS stage, -- as in the file
  created_at::TIMESTAMP AS created_at, -- UTC
  COALESCE(closed_at, close_date)::TIMESTAMP AS closed_at, -- UTC; midnight where only the day is known
  CASE
    -- What was expected is not when it closed: revenue and its credit are of one day.
    WHEN COALESCE(is_closed, FALSE) OR COALESCE(is_won, FALSE) THEN COALESCE(closed_at, close_date)
    ELSE COALESCE(close_date, closed_at)
  END::DATE AS close_date, -- expected, or actual once closed
  amount::DECIMAL(18, 2) AS amount, -- in currency
  UPPER(@known(currency))::VARCHAR AS currency, -- ISO code; NULL is the reporting currency
  COALESCE(is_won, FALSE)::BOOLEAN AS is_won, -- won
  (COALESCE(is_closed, FALSE) OR COALESCE(is_won, FALSE))::BOOLEAN AS is_closed, -- won or lost
  @known(region)::VARCHAR AS region, -- of the deal
  @known(segment)::VARCHAR AS segment, -- company size segment
  @known(industry)::VARCHAR AS industry, -- of the company
  @known(product)::VARCHAR AS product, -- what is sold
  @known(owner)::VARCHAR AS owner -- who works the deal
FROM raw.files__deals;
