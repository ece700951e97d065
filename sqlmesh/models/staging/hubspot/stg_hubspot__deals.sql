MODEL (
  name staging.stg_hubspot__deals,
  kind FULL,
  description 'HubSpot deals as they are now. One that mirrors a Salesforce opportunity names it.',
  owner revops,
  grain deal_id,
  audits (
    not_null(columns := (deal_id)),
    unique_values(columns := (deal_id)),
    same_row_count(other := raw.hubspot__deals)
  )
);

SELECT
  id::VARCHAR AS deal_id, -- HubSpot's id
  @salesforce_id(salesforceopportunityid)::VARCHAR AS salesforce_opportunity_id, -- the same deal in Salesforce
  @known(dealname)::VARCHAR AS name, -- the deal's name
  @known(pipeline)::VARCHAR AS pipeline_id, -- its pipeline
  @known(dealstage)::VARCHAR AS stage_id, -- its stage
  amount::DECIMAL(18, 2) AS amount, -- in currency
  UPPER(@known(deal_currency_code))::VARCHAR AS currency, -- ISO code
  createdate::TIMESTAMP AS created_at, -- UTC
  closedate::TIMESTAMP AS closed_at, -- expected, or actual once closed, UTC
  COALESCE(hs_is_closed, LOWER(dealstage) IN ('closedwon', 'closedlost'), FALSE)::BOOLEAN AS is_closed, -- won or lost
  COALESCE(hs_is_closed_won, LOWER(dealstage) = 'closedwon', FALSE)::BOOLEAN AS is_won, -- won
  @known(hubspot_owner_id)::VARCHAR AS owner, -- owner id
  @known(hs_merged_object_ids)::VARCHAR AS merged_deal_ids, -- merged into it, separated by semicolons
  COALESCE(archived, FALSE)::BOOLEAN AS is_archived -- removed or merged away
FROM raw.hubspot__deals;
