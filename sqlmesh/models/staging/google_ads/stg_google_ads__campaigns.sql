MODEL (
  name staging.stg_google_ads__campaigns,
  kind FULL,
  description 'Google advertising campaigns under their present name.',
  owner paid_media,
  grain (account_id, campaign_id),
  audits (
    not_null(columns := (account_id, campaign_id)),
    unique_combination_of_columns(columns := (account_id, campaign_id)),
    same_row_count(other := raw.google_ads__campaigns)
  )
);

SELECT
  id::VARCHAR AS campaign_id, -- Google's id
  customer_id::VARCHAR AS account_id, -- the ad account
  @known(name)::VARCHAR AS name, -- by convention the UTM campaign
  @known(region)::VARCHAR AS region, -- targeted region
  LOWER(@known(advertising_channel_type))::VARCHAR AS campaign_type, -- search, display, video, ...
  start_date::DATE AS start_date, -- planned start
  end_date::DATE AS end_date -- planned end
FROM raw.google_ads__campaigns;
