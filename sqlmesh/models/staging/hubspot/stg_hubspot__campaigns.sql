MODEL (
  name staging.stg_hubspot__campaigns,
  kind FULL,
  description 'HubSpot marketing campaigns.',
  owner marketing_ops,
  grain campaign_id,
  audits (
    not_null(columns := (campaign_id)),
    unique_values(columns := (campaign_id)),
    same_row_count(other := raw.hubspot__campaigns)
  )
);

SELECT
  id::VARCHAR AS campaign_id, -- HubSpot's id
  @known(hs_name)::VARCHAR AS name, -- present name
  @known(hs_utm)::VARCHAR AS utm_campaign, -- its UTM name
  hs_start_date::DATE AS start_date, -- planned start
  hs_end_date::DATE AS end_date, -- planned end
  hs_spend_items_sum_amount::DECIMAL(18, 2) AS actual_cost, -- sum of its spend items
  hs_budget_items_sum_amount::DECIMAL(18, 2) AS budgeted_cost, -- sum of its budget items
  UPPER(@known(hs_currency_code))::VARCHAR AS currency, -- of both
  created_at::DATE AS created_on -- when the record was made, UTC
FROM raw.hubspot__campaigns;
