MODEL (
  name prep.ad_day,
  kind FULL,
  description 'What every ad platform says of a campaign on a day, in one shape, in the currency of the account.',
  owner paid_media,
  grain spend_day_id,
  audits (not_null(columns := (spend_day_id, spend_date, platform, spend_original)), unique_values(columns := (spend_day_id)))
);

SELECT
  ('linkedin_ads:' || a.campaign_id || ':' || a.spend_date::VARCHAR)::VARCHAR AS spend_day_id, -- platform, campaign and day
  a.spend_date::DATE AS spend_date, -- in the zone of the account
  'linkedin_ads'::VARCHAR AS platform, -- where it was spent
  c.name::VARCHAR AS campaign, -- present name of the campaign
  c.name::VARCHAR AS campaign_then, -- its name on that day, where the platform tells it
  'paid_social'::VARCHAR AS channel, -- channel
  'linkedin'::VARCHAR AS source, -- source
  'paid_social'::VARCHAR AS medium, -- medium
  c.region::VARCHAR AS region, -- targeted region
  a.spend_original::DECIMAL(18, 6) AS spend_original, -- in currency
  COALESCE(a.currency, @reporting_currency)::VARCHAR AS currency, -- ISO code
  a.impressions::BIGINT AS impressions, -- times shown
  a.clicks::BIGINT AS clicks -- times clicked
FROM staging.stg_linkedin_ads__analytics AS a
LEFT JOIN staging.stg_linkedin_ads__campaigns AS c ON c.campaign_id = a.campaign_id
UNION ALL
SELECT
  'google_ads:' || a.account_id || ':' || a.campaign_id || ':' || a.spend_date::VARCHAR,
  a.spend_date,
  'google_ads',
  COALESCE(c.name, a.campaign_name),
  a.campaign_name,
  CASE WHEN c.campaign_type IN ('display', 'video') THEN c.campaign_type ELSE 'paid_search' END,
  'google',
  'cpc',
  COALESCE(c.region, a.region),
  a.spend_original,
  COALESCE(a.currency, @reporting_currency),
  a.impressions,
  a.clicks
FROM staging.stg_google_ads__campaign_day AS a
LEFT JOIN staging.stg_google_ads__campaigns AS c ON c.campaign_id = a.campaign_id AND c.account_id = a.account_id
UNION ALL
SELECT
  'meta_ads:' || a.campaign_id || ':' || a.spend_date::VARCHAR,
  a.spend_date,
  'meta_ads',
  COALESCE(c.name, a.campaign_name),
  a.campaign_name,
  'paid_social',
  'facebook',
  'paid_social',
  COALESCE(c.region, a.region),
  a.spend_original,
  COALESCE(a.currency, @reporting_currency),
  a.impressions,
  a.clicks
FROM staging.stg_meta_ads__insights AS a
LEFT JOIN staging.stg_meta_ads__campaigns AS c ON c.campaign_id = a.campaign_id
UNION ALL
SELECT
  'microsoft_ads:' || account_id || ':' || campaign_id || ':' || spend_date::VARCHAR,
  spend_date,
  'microsoft_ads',
  campaign_name,
  campaign_name,
  'paid_search',
  'bing',
  'cpc',
  region,
  spend_original,
  COALESCE(currency, @reporting_currency),
  impressions,
  clicks
FROM staging.stg_microsoft_ads__campaign_day;
