MODEL (
  name staging.stg_linkedin_ads__campaigns,
  kind FULL,
  description 'LinkedIn advertising campaigns under their present name.',
  owner paid_media,
  grain campaign_id,
  audits (
    not_null(columns := (campaign_id)),
    unique_values(columns := (campaign_id)),
    same_row_count(other := raw.linkedin_ads__campaigns)
  )
);

SELECT
  id::VARCHAR AS campaign_id, -- LinkedIn's id
  @known(name)::VARCHAR AS name, -- by convention the UTM campaign
  @known(region)::VARCHAR AS region, -- targeted region
  @known(type)::VARCHAR AS campaign_type, -- LinkedIn's campaign type
  start_at::DATE AS start_date, -- planned start
  end_at::DATE AS end_date -- planned end
FROM raw.linkedin_ads__campaigns;
