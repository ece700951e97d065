AUDIT (name every_event_is_credited);
-- Each event has a row in each model that has any of its kind, so that every model's total equals the events' total.
-- The credited id is made before the join: a join condition that mixes both sides would compare every pair of rows.
WITH credited AS (
  SELECT DISTINCT
    attribution_model,
    credit_kind,
    CASE WHEN credit_kind = 'mql' THEN person_id ELSE opportunity_id END AS credited_id
  FROM @this_model
), models AS (
  SELECT DISTINCT attribution_model, credit_kind FROM credited
)
SELECT m.attribution_model, e.credit_kind, e.credited_id
FROM attribution.credited_event AS e
JOIN models AS m ON m.credit_kind = e.credit_kind
LEFT JOIN credited AS c
  ON c.attribution_model = m.attribution_model
  AND c.credit_kind = e.credit_kind
  AND c.credited_id = e.credited_id
WHERE c.credited_id IS NULL;
