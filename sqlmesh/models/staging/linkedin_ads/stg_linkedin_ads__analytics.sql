MODEL (
  name staging.stg_linkedin_ads__analytics,
  kind FULL,
  description 'LinkedIn spend of a campaign on a day, in the currency of the account.',
  owner paid_media,
  grain (campaign_id, spend_date),
  audits (
    not_null(columns := (campaign_id, spend_date)),
    unique_combination_of_columns(columns := (campaign_id, spend_date)),
    same_row_count(other := raw.linkedin_ads__analytics)
  )
);

SELECT
  campaign_id::VARCHAR AS campaign_id, -- LinkedIn's id
  day::DATE AS spend_date, -- in the account's time zone
  COALESCE(cost_in_local_currency, 0)::DECIMAL(18, 6) AS spend_original, -- in currency
  UPPER(@known(currency))::VARCHAR AS currency, -- the account's
  COALESCE(impressions, 0)::BIGINT AS impressions, -- times shown
  COALESCE(clicks, 0)::BIGINT AS clicks -- times clicked
FROM raw.linkedin_ads__analytics;
