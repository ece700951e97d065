AUDIT (name amount_is_converted);
-- A deal with an amount has it in the reporting currency too: a missing exchange rate must not shrink the pipeline.
SELECT opportunity_id, amount_original, currency, created_date, close_date
FROM @this_model
WHERE amount_original IS NOT NULL AND amount IS NULL;

AUDIT (name days_sum_to_the_cost);
-- The days of a spread cost are the cost, to the last digit.
SELECT cost_id, MAX(cost) AS cost, SUM(spend_original) AS spread
FROM @this_model
GROUP BY cost_id
HAVING SUM(spend_original) <> MAX(cost);

AUDIT (name spend_is_the_platforms);
-- A month of a platform and channel is worth what the platform counted, at the day's rates, to the cent.
SELECT t.platform, t.channel, DATE_TRUNC('month', t.spend_date) AS month, SUM(t.spend) AS spend
FROM @this_model AS t
LEFT JOIN core.exchange_rate AS r ON r.rate_date = t.spend_date AND r.currency = t.currency
WHERE t.cost_kind = 'metered'
GROUP BY t.platform, t.channel, DATE_TRUNC('month', t.spend_date)
HAVING ABS(SUM(t.spend) - SUM(@converted(t.spend_original, CASE WHEN t.currency = @reporting_currency THEN 1 ELSE r.rate_to_reporting END))) > 0.005;

AUDIT (name parts_are_the_deal);
-- Every deal is there, and its parts are worth what it is worth, to the cent; the shares are 1.
SELECT o.opportunity_id, o.amount, p.amount AS parts, p.share
FROM core.opportunity AS o
LEFT JOIN (
  SELECT opportunity_id, SUM(amount) AS amount, SUM(share) AS share
  FROM @this_model
  GROUP BY opportunity_id
) AS p ON p.opportunity_id = o.opportunity_id
WHERE p.share IS NULL OR p.share <> 1 OR COALESCE(p.amount, 0) <> COALESCE(o.amount, 0);
