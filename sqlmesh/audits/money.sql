AUDIT (name amount_is_converted);
-- A deal with an amount has it in the reporting currency too: a missing exchange rate must not shrink the pipeline.
SELECT opportunity_id, amount_original, currency, created_date, close_date
FROM @this_model
WHERE amount_original IS NOT NULL AND amount IS NULL;
