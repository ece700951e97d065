AUDIT (name built_from_current_journeys);
-- A row was made from what its event is now: nothing of a journey that changed or is gone is left.
SELECT t.credit_kind, t.journey_version
FROM (SELECT DISTINCT credit_kind, journey_version FROM @this_model) AS t
LEFT JOIN attribution.credited_event AS e ON e.journey_version = t.journey_version
WHERE e.journey_version IS NULL;
