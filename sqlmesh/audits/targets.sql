AUDIT (name one_current_target);
-- Of a metric, month and member one target counts.
SELECT metric, target_month, channel, region, segment, COUNT(*) AS targets
FROM @this_model
WHERE is_current
GROUP BY metric, target_month, channel, region, segment
HAVING COUNT(*) > 1;
