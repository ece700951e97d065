AUDIT (name deal_has_amount);

SELECT deal_id FROM @this_model WHERE amount IS NULL
