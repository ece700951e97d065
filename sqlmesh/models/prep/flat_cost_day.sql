MODEL (
  name prep.flat_cost_day,
  kind FULL,
  description 'Flat costs by day: what campaigns are stated to cost, and amounts for a period in files, spread evenly to the cent.',
  owner paid_media,
  grain spend_day_id,
  audits (
    not_null(columns := (spend_day_id, spend_date, platform, spend_original, currency)),
    unique_values(columns := (spend_day_id)),
    days_sum_to_the_cost()
  )
);

WITH number AS (
  SELECT a.position + 64 * (b.position - 1) AS n
  FROM prep.position AS a
  CROSS JOIN prep.position AS b
),
period AS (
  SELECT
    k.cost_id,
    k.source_system AS platform,
    k.campaign,
    c.channel,
    c.source,
    c.medium,
    c.region,
    k.amount,
    k.currency,
    k.first_day,
    DATEDIFF(DAY, k.first_day, k.last_day) + 1 AS days
  FROM prep.campaign_cost AS k
  LEFT JOIN core.campaign AS c ON c.campaign_id = k.campaign_id
  WHERE k.counts_as = 'cost'
  UNION ALL
  SELECT
    'files:' || spend_id,
    COALESCE(platform, 'files'),
    campaign,
    channel,
    source,
    medium,
    region,
    spend_original,
    COALESCE(currency, @reporting_currency),
    spend_date,
    DATEDIFF(DAY, spend_date, spend_until) + 1
  FROM staging.stg_files__spend
  WHERE spend_until > spend_date AND DATEDIFF(DAY, spend_date, spend_until) < 4096
),
share AS (
  -- Whole cents up to a day, as integers: the last day brings the sum to the amount, whatever the others were cut to.
  SELECT p.*, n.n, FLOOR(p.amount * 100)::BIGINT * n.n AS cents_up_to, FLOOR(p.amount * 100)::BIGINT * (n.n - 1) AS cents_before
  FROM period AS p
  JOIN number AS n ON n.n <= p.days
)
SELECT
  (cost_id || ':' || DATEADD(DAY, n - 1, first_day)::DATE::VARCHAR)::VARCHAR AS spend_day_id, -- the cost and the day
  cost_id::VARCHAR AS cost_id, -- what was spread
  DATEADD(DAY, n - 1, first_day)::DATE AS spend_date, -- the day
  platform::VARCHAR AS platform, -- who states it
  campaign::VARCHAR AS campaign, -- as it is recorded there
  channel::VARCHAR AS channel, -- of the campaign
  source::VARCHAR AS source, -- of the campaign
  medium::VARCHAR AS medium, -- of the campaign
  region::VARCHAR AS region, -- of the campaign
  amount::DECIMAL(18, 6) AS cost, -- the whole of it, in currency
  (
    CASE WHEN n = days THEN amount ELSE (cents_up_to - MOD(cents_up_to, days)) / (days * 100.0) END
    - (cents_before - MOD(cents_before, days)) / (days * 100.0)
  )::DECIMAL(18, 6) AS spend_original, -- the day's share, in currency
  currency::VARCHAR AS currency, -- ISO code
  (DATEADD(DAY, n - 1, first_day)::DATE <= @execution_ds::DATE)::BOOLEAN AS has_come -- what is spread over days to come has not been spent yet
FROM share;
