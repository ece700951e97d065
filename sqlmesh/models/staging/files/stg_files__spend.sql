MODEL (
  name staging.stg_files__spend,
  kind FULL,
  description 'Spend from files, in its own currency.',
  owner paid_media,
  grain spend_id,
  audits (
    not_null(columns := (spend_id, spend_date)),
    unique_values(columns := (spend_id)),
    same_row_count(other := raw.files__spend)
  )
);

SELECT
  spend_id::VARCHAR AS spend_id, -- id in the file, or file and row
  spend_date::DATE AS spend_date, -- the day it was spent
  @known(platform)::VARCHAR AS platform, -- where it was spent
  @known(channel)::VARCHAR AS channel, -- channel
  @known(source)::VARCHAR AS source, -- source
  @known(medium)::VARCHAR AS medium, -- medium
  @known(campaign)::VARCHAR AS campaign, -- campaign name
  @known(region)::VARCHAR AS region, -- region
  COALESCE(amount, 0)::DECIMAL(18, 6) AS spend_original, -- in currency
  UPPER(@known(currency))::VARCHAR AS currency, -- ISO code; NULL is the reporting currency
  COALESCE(impressions, 0)::BIGINT AS impressions, -- times shown
  COALESCE(clicks, 0)::BIGINT AS clicks -- times clicked
FROM raw.files__spend;
