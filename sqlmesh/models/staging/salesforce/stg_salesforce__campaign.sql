MODEL (
  name staging.stg_salesforce__campaign,
  kind FULL,
  description 'Salesforce campaigns with their parents.',
  owner marketing_ops,
  grain campaign_id,
  audits (
    not_null(columns := (campaign_id)),
    unique_values(columns := (campaign_id)),
    same_row_count(other := raw.salesforce__campaign)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS campaign_id, -- 18 characters
  @known(name)::VARCHAR AS name, -- present name
  @salesforce_id(parent_id)::VARCHAR AS parent_campaign_id, -- the campaign above; may be gone
  @known(utm_campaign)::VARCHAR AS utm_campaign, -- its UTM name
  @known(type)::VARCHAR AS campaign_type, -- Program, Paid Social, ...
  start_date::DATE AS start_date, -- planned start
  end_date::DATE AS end_date, -- planned end
  actual_cost::DECIMAL(18, 2) AS actual_cost, -- of this campaign alone
  budgeted_cost::DECIMAL(18, 2) AS budgeted_cost, -- planned, of this campaign alone
  created_date::DATE AS created_on, -- when the record was made, UTC
  UPPER(@known(currency_iso_code))::VARCHAR AS currency, -- of the cost
  @known(region)::VARCHAR AS region, -- targeted region
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- removed
FROM raw.salesforce__campaign;
