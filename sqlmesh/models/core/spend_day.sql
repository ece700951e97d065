MODEL (
  name core.spend_day,
  kind FULL,
  description 'Spend, impressions and clicks of a campaign on a platform on a day, in the reporting currency; flat costs by the day they are for.',
  owner paid_media,
  grain spend_day_id,
  depends_on (core.campaign, staging.stg_linkedin_ads__analytics, staging.stg_google_ads__campaign_day, staging.stg_meta_ads__insights, staging.stg_microsoft_ads__campaign_day),
  audits (
    not_null(columns := (spend_day_id, spend_date, platform, spend)),
    unique_values(columns := (spend_day_id)),
    same_total(column := spend_original, condition := platform = 'linkedin_ads' AND spend_day_id NOT LIKE 'files:%',
      other := staging.stg_linkedin_ads__analytics, other_column := spend_original, other_condition := TRUE),
    same_total(column := spend_original, condition := platform = 'google_ads' AND spend_day_id NOT LIKE 'files:%',
      other := staging.stg_google_ads__campaign_day, other_column := spend_original, other_condition := TRUE),
    same_total(column := spend_original, condition := platform = 'meta_ads' AND spend_day_id NOT LIKE 'files:%',
      other := staging.stg_meta_ads__insights, other_column := spend_original, other_condition := TRUE),
    same_total(column := spend_original, condition := platform = 'microsoft_ads' AND spend_day_id NOT LIKE 'files:%',
      other := staging.stg_microsoft_ads__campaign_day, other_column := spend_original, other_condition := TRUE),
    same_total(column := spend_original, condition := cost_kind = 'flat',
      other := prep.flat_cost_day, other_column := spend_original, other_condition := has_come),
    spend_is_the_platforms(),
    accepted_values(column := cost_kind, is_in := ('metered', 'flat')),
    references_row(column := campaign_id, parent := core.campaign, parent_column := campaign_id)
  )
);

WITH spend AS (
  SELECT
    spend_day_id,
    spend_date,
    platform,
    campaign,
    channel,
    source,
    medium,
    region,
    spend_original,
    currency,
    impressions,
    clicks,
    'metered' AS cost_kind,
    NULL::VARCHAR AS cost_id
  FROM prep.ad_day
  UNION ALL
  SELECT
    'files:' || spend_id,
    spend_date,
    COALESCE(platform, 'files'),
    campaign,
    channel,
    source,
    medium,
    region,
    spend_original,
    COALESCE(currency, @reporting_currency),
    impressions,
    clicks,
    'metered',
    NULL::VARCHAR
  FROM staging.stg_files__spend
  WHERE spend_until IS NULL OR NOT (spend_until > spend_date AND DATEDIFF(DAY, spend_date, spend_until) < 4096)
  UNION ALL
  -- What is spread over days to come has not been spent yet.
  SELECT
    spend_day_id,
    spend_date,
    platform,
    campaign,
    channel,
    source,
    medium,
    region,
    spend_original,
    currency,
    0,
    0,
    'flat',
    cost_id
  FROM prep.flat_cost_day
  WHERE has_come
),
worth AS (
  SELECT
    s.*,
    @converted(s.spend_original, CASE WHEN s.currency = @reporting_currency THEN 1 ELSE r.rate_to_reporting END) AS amount
  FROM spend AS s
  LEFT JOIN core.exchange_rate AS r ON r.rate_date = s.spend_date AND r.currency = s.currency
),
running AS (
  -- Platforms count in millionths. Each row rounded by itself would lose what is below a cent, row by row: so a row is the
  -- step of its platform's running total of the month, and the month is the platform's total to the cent. A day of a flat
  -- cost is the step of the cost's running total: what 100,000 rupiah cost in a year is not 365 times what rounds to 2 cents.
  SELECT
    w.*,
    SUM(w.amount) OVER (
      PARTITION BY w.cost_kind, w.cost_id, w.platform, w.channel, CASE WHEN w.cost_id IS NULL THEN DATE_TRUNC('month', w.spend_date) END
      ORDER BY w.spend_date, w.spend_day_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS amount_so_far
  FROM worth AS w
)
SELECT
  s.spend_day_id::VARCHAR AS spend_day_id, -- platform, campaign and day
  s.spend_date::DATE AS spend_date, -- in the zone of the ad account
  s.platform::VARCHAR AS platform, -- where it was spent
  COALESCE(ca.campaign_id, @slug(s.campaign))::VARCHAR AS campaign_id, -- campaign, where known, under its present or approved name
  s.channel::VARCHAR AS channel, -- channel
  s.source::VARCHAR AS source, -- source
  s.medium::VARCHAR AS medium, -- medium
  s.region::VARCHAR AS region, -- targeted region
  CASE
    WHEN s.amount IS NOT NULL THEN ROUND(s.amount_so_far, 2) - ROUND(s.amount_so_far - s.amount, 2)
  END::DECIMAL(18, 2) AS spend, -- in the reporting currency, to the cent of the platform's month, or of the flat cost
  s.spend_original::DECIMAL(18, 6) AS spend_original, -- in currency
  s.currency::VARCHAR AS currency, -- ISO code
  s.impressions::BIGINT AS impressions, -- times shown
  s.clicks::BIGINT AS clicks, -- times clicked
  s.campaign::VARCHAR AS campaign_raw, -- campaign as it was recorded
  s.cost_kind::VARCHAR AS cost_kind -- metered: of that day; flat: the day's share of a cost for a period
FROM running AS s
LEFT JOIN prep.campaign_alias AS ca ON ca.alias = @slug(s.campaign);
