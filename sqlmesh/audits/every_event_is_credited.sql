AUDIT (name every_event_is_credited);
-- Each event has a row in each model that has any of its kind, so that every model's total equals the events' total.
SELECT m.attribution_model, e.credit_kind, e.credited_id
FROM attribution.credited_event AS e
JOIN (SELECT DISTINCT attribution_model, credit_kind FROM @this_model) AS m ON m.credit_kind = e.credit_kind
LEFT JOIN @this_model AS c
  ON c.attribution_model = m.attribution_model
  AND c.credit_kind = e.credit_kind
  AND CASE WHEN e.credit_kind = 'mql' THEN c.person_id ELSE c.opportunity_id END = e.credited_id
WHERE c.credit_id IS NULL;
