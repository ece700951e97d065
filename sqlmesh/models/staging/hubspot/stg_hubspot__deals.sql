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
  d.id::VARCHAR AS deal_id, -- HubSpot's id
  @salesforce_id(d.salesforceopportunityid)::VARCHAR AS salesforce_opportunity_id, -- the same deal in Salesforce
  @known(d.dealname)::VARCHAR AS name, -- the deal's name
  @known(d.pipeline)::VARCHAR AS pipeline_id, -- its pipeline
  @known(d.dealstage)::VARCHAR AS stage_id, -- its stage
  d.amount::DECIMAL(18, 2) AS amount, -- in currency
  UPPER(@known(d.deal_currency_code))::VARCHAR AS currency, -- ISO code
  d.createdate::TIMESTAMP AS created_at, -- UTC
  d.closedate::TIMESTAMP AS closed_at, -- expected, or actual once closed, UTC
  -- Where a flag is blank the stage tells, by its pipeline or by the name that HubSpot gives it.
  (
    COALESCE(d.hs_is_closed, CASE WHEN p.is_closed THEN TRUE END, LOWER(d.dealstage) IN ('closedwon', 'closedlost'), FALSE)
    OR COALESCE(d.hs_is_closed_won, FALSE)
  )::BOOLEAN AS is_closed, -- won or lost
  COALESCE(d.hs_is_closed_won, CASE WHEN p.is_won THEN TRUE END, LOWER(d.dealstage) = 'closedwon', FALSE)::BOOLEAN AS is_won, -- won
  COALESCE(o.name, @known(d.hubspot_owner_id))::VARCHAR AS owner, -- the owner's name
  @known(d.hs_merged_object_ids)::VARCHAR AS merged_deal_ids, -- merged into it, separated by semicolons
  COALESCE(d.archived, FALSE)::BOOLEAN AS is_archived -- removed or merged away
FROM raw.hubspot__deals AS d
LEFT JOIN staging.stg_hubspot__owners AS o ON o.owner_id = d.hubspot_owner_id
LEFT JOIN staging.stg_hubspot__pipelines AS p ON p.pipeline_id = d.pipeline AND p.stage_id = d.dealstage;
