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
  @salesforce_id(o.id)::VARCHAR AS opportunity_id, -- 18 characters
  @salesforce_id(o.account_id)::VARCHAR AS account_id, -- the buying account
  @salesforce_id(o.contact_id)::VARCHAR AS contact_id, -- the contact it was created from
  @known(o.name)::VARCHAR AS name, -- the deal's name
  @known(o.stage_name)::VARCHAR AS stage, -- as in Salesforce
  o.amount::DECIMAL(18, 2) AS amount, -- in currency
  UPPER(@known(o.currency_iso_code))::VARCHAR AS currency, -- ISO code
  o.close_date::DATE AS close_date, -- expected, or actual once closed
  (COALESCE(o.is_closed, LOWER(o.stage_name) LIKE 'closed%', FALSE) OR COALESCE(o.is_won, LOWER(o.stage_name) = 'closed won', FALSE))::BOOLEAN AS is_closed, -- won or lost; from the stage where the flags are blank
  COALESCE(o.is_won, LOWER(o.stage_name) = 'closed won', FALSE)::BOOLEAN AS is_won, -- from the stage where the flag is blank
  COALESCE(u.name, @known(o.owner_name))::VARCHAR AS owner, -- the owner's name; a queue's as it was read
  o.created_date::TIMESTAMP AS created_at, -- UTC
  @known(o.region)::VARCHAR AS region, -- AMER, EMEA or APAC
  @known(o.segment)::VARCHAR AS segment, -- company size segment
  @known(o.product)::VARCHAR AS product, -- what is sold
  COALESCE(o.is_deleted, FALSE)::BOOLEAN AS is_deleted -- in the recycle bin
FROM raw.salesforce__opportunity AS o
LEFT JOIN staging.stg_salesforce__user AS u ON u.owner_id = @salesforce_id(o.owner_id);
