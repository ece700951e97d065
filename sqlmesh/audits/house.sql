AUDIT (name references_row);
-- A reference that is set leads to a row of its parent.
SELECT child.@column AS missing_key
FROM @this_model AS child
LEFT JOIN @parent AS parent ON child.@column = parent.@parent_column
WHERE child.@column IS NOT NULL AND parent.@parent_column IS NULL;

AUDIT (name same_row_count);
-- As many rows as in the other table: nothing was dropped or doubled on the way.
SELECT here.n AS rows_here, there.n AS rows_there
FROM (SELECT COUNT(*) AS n FROM @this_model) AS here
CROSS JOIN (SELECT COUNT(*) AS n FROM @other) AS there
WHERE here.n <> there.n;

AUDIT (name same_total);
-- A sum that must survive the step from the other table to this one.
SELECT here.total AS total_here, there.total AS total_there
FROM (SELECT COALESCE(SUM(@column), 0) AS total FROM @this_model WHERE @condition) AS here
CROSS JOIN (SELECT COALESCE(SUM(@other_column), 0) AS total FROM @other WHERE @other_condition) AS there
WHERE here.total <> there.total;

AUDIT (name credit_weights_sum_to_one);
-- Per deal (or lead), kind and model the shares are exactly 1.
SELECT credit_kind, attribution_model, COALESCE(opportunity_id, person_id) AS credited_id, SUM(weight) AS total
FROM @this_model
GROUP BY credit_kind, attribution_model, COALESCE(opportunity_id, person_id)
HAVING SUM(weight) <> 1;

AUDIT (name credit_amounts_equal_deals);
-- Per kind and model the credited money of a deal is the deal's money, to the cent.
SELECT c.credit_kind, c.attribution_model, c.opportunity_id, c.credited, o.amount
FROM (
  SELECT credit_kind, attribution_model, opportunity_id, SUM(amount) AS credited
  FROM @this_model
  WHERE credit_kind <> 'mql'
  GROUP BY credit_kind, attribution_model, opportunity_id
) AS c
LEFT JOIN core.opportunity AS o ON c.opportunity_id = o.opportunity_id
WHERE COALESCE(c.credited, 0) <> COALESCE(o.amount, 0);

AUDIT (name no_touch_after_credit);
-- The journey ends at the credited event.
SELECT credit_id, touch_at, credited_at
FROM @this_model
WHERE touch_at >= @end_of_closing(credited_at);

AUDIT (name every_mapping_ends);
-- Every approved mapping leads to an end: those that lead in a circle have none.
SELECT m.kind, m.from_value, m.to_value
FROM @approved_values() AS m
LEFT JOIN @this_model AS t ON t.kind = m.kind AND t.alias = @value_key(m.kind, m.from_value)
WHERE t.alias IS NULL;
