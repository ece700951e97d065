AUDIT (name one_first_event);
-- Each person has exactly one first event per stage that they reached.
SELECT person_id, stage
FROM @this_model
GROUP BY person_id, stage
HAVING SUM(CASE WHEN is_first THEN 1 ELSE 0 END) <> 1;
