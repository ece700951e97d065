AUDIT (name built_from_current_learning);
-- A row was made from what its event is now, and from what was learned at last.
SELECT c.attribution_model, c.learned_version
FROM (SELECT DISTINCT attribution_model, learned_version FROM @this_model) AS c
LEFT JOIN attribution.learned_event AS e ON e.learned_version = c.learned_version
WHERE e.learned_version IS NULL;
