MODEL (
  name staging.stg_salesforce__opportunity,
  kind FULL,
  description 'Salesforce opportunities as they are now, in their own currency.',
  owner revops,
  grain opportunity_id,
  audits (
    not_null(columns := (opportunity_id)),
    unique_values(columns := (opportunity_id)),
    same_row_count(other := raw.salesforce__opportunity)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS opportunity_id, -- 18 characters
  @salesforce_id(account_id)::VARCHAR AS account_id, -- the buying account
  @salesforce_id(contact_id)::VARCHAR AS contact_id, -- the contact it was created from
  @known(name)::VARCHAR AS name, -- the deal's name
  @known(stage_name)::VARCHAR AS stage, -- as in Salesforce
  amount::DECIMAL(18, 2) AS amount, -- in currency
  UPPER(@known(currency_iso_code))::VARCHAR AS currency, -- ISO code
  close_date::DATE AS close_date, -- expected, or actual once closed
  (COALESCE(is_closed, LOWER(stage_name) LIKE 'closed%', FALSE) OR COALESCE(is_won, LOWER(stage_name) = 'closed won', FALSE))::BOOLEAN AS is_closed, -- won or lost; from the stage where the flags are blank
  COALESCE(is_won, LOWER(stage_name) = 'closed won', FALSE)::BOOLEAN AS is_won, -- from the stage where the flag is blank
  @known(owner_name)::VARCHAR AS owner, -- the owner's name
  created_date::TIMESTAMP AS created_at, -- UTC
  @known(region)::VARCHAR AS region, -- AMER, EMEA or APAC
  @known(segment)::VARCHAR AS segment, -- company size segment
  @known(product)::VARCHAR AS product, -- what is sold
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- in the recycle bin
FROM raw.salesforce__opportunity;
