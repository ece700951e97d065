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
