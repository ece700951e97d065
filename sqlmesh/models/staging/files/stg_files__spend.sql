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
  f.spend_id::VARCHAR AS spend_id, -- id in the file, or file and row
  f.spend_date::DATE AS spend_date, -- the day it was spent, or the first of the period
  f.spend_until::DATE AS spend_until, -- the last day of the period that it is for; NULL for a day
  @known(f.platform)::VARCHAR AS platform, -- where it was spent
  @known(f.channel)::VARCHAR AS channel, -- channel
  COALESCE(vs.value, @known(f.source))::VARCHAR AS source, -- source, by the approved mapping
  COALESCE(vm.value, @known(f.medium))::VARCHAR AS medium, -- medium, by the approved mapping
  @known(f.campaign)::VARCHAR AS campaign, -- campaign name
  @known(f.region)::VARCHAR AS region, -- region
  COALESCE(f.amount, 0)::DECIMAL(18, 6) AS spend_original, -- in currency
  UPPER(@known(f.currency))::VARCHAR AS currency, -- ISO code; NULL is the reporting currency
  COALESCE(f.impressions, 0)::BIGINT AS impressions, -- times shown
  COALESCE(f.clicks, 0)::BIGINT AS clicks -- times clicked
FROM raw.files__spend AS f
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(f.source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(f.medium));
