MODEL (
  name staging.stg_meta_ads__campaigns,
  kind FULL,
  description 'Meta advertising campaigns under their present name.',
  owner paid_media,
  grain campaign_id,
  audits (
    not_null(columns := (campaign_id)),
    unique_values(columns := (campaign_id)),
    same_row_count(other := raw.meta_ads__campaigns)
  )
);

SELECT
  id::VARCHAR AS campaign_id, -- Meta's id
  account_id::VARCHAR AS account_id, -- the ad account
  @known(name)::VARCHAR AS name, -- by convention the UTM campaign
  @known(region)::VARCHAR AS region, -- targeted region
  LOWER(@known(objective))::VARCHAR AS campaign_type, -- objective
  start_at::DATE AS start_date, -- planned start
  stop_at::DATE AS end_date -- planned end
FROM raw.meta_ads__campaigns;
