MODEL (
  name staging.stg_salesforce__account,
  kind FULL,
  description 'Salesforce accounts with ids in their 18-character form; merged ones stay, flagged.',
  owner revops,
  grain account_id,
  audits (not_null(columns := (account_id)), unique_values(columns := (account_id)), same_row_count(other := raw.salesforce__account))
);

SELECT
  @salesforce_id(a.id)::VARCHAR AS account_id, -- 18 characters
  @salesforce_id(a.master_record_id)::VARCHAR AS master_account_id, -- the account it was merged into
  @known(a.name)::VARCHAR AS name, -- the company's name
  @domain_of(a.website)::VARCHAR AS domain, -- host of its website
  @known(a.region)::VARCHAR AS region, -- AMER, EMEA or APAC
  @known(a.segment)::VARCHAR AS segment, -- company size segment
  @known(a.industry)::VARCHAR AS industry, -- of the company
  COALESCE(u.name, @known(a.owner_name))::VARCHAR AS owner, -- the owner's name; a queue's as it was read
  a.created_date::TIMESTAMP AS created_at, -- UTC
  COALESCE(a.is_deleted, FALSE)::BOOLEAN AS is_deleted -- deleted or merged away
FROM raw.salesforce__account AS a
LEFT JOIN staging.stg_salesforce__user AS u ON u.owner_id = @salesforce_id(a.owner_id);
