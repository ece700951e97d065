MODEL (
  name staging.stg_google_ads__campaign_day,
  kind FULL,
  description 'Google spend of a campaign on a day, in the currency of the account.',
  owner paid_media,
  grain (account_id, campaign_id, spend_date),
  audits (
    not_null(columns := (account_id, campaign_id, spend_date)),
    unique_combination_of_columns(columns := (account_id, campaign_id, spend_date)),
    same_row_count(other := raw.google_ads__campaign_day)
  )
);

SELECT
  day::DATE AS spend_date, -- in the account's time zone
  customer_id::VARCHAR AS account_id, -- the ad account
  campaign_id::VARCHAR AS campaign_id, -- the platform's id
  @known(campaign_name)::VARCHAR AS campaign_name, -- name on that day
  UPPER(@known(currency))::VARCHAR AS currency, -- the account's
  COALESCE(cost, 0)::DECIMAL(18, 6) AS spend_original, -- in currency; small corrections may be negative
  COALESCE(impressions, 0)::BIGINT AS impressions, -- times shown
  COALESCE(clicks, 0)::BIGINT AS clicks, -- times clicked
  NULL::VARCHAR AS region -- targeted region, where the day tells it
FROM raw.google_ads__campaign_day;
