AUDIT (name segments_sum_to_the_whole);
-- The parts of a forecast are the whole, to the cent.
SELECT part.horizon, part.period_start, part.revenue, whole.revenue AS revenue_of_all
FROM (SELECT horizon, period_start, SUM(revenue) AS revenue FROM @this_model GROUP BY horizon, period_start) AS part
JOIN @other AS whole ON whole.horizon = part.horizon AND whole.period_start = part.period_start
WHERE part.revenue <> whole.revenue;
