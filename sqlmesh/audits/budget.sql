AUDIT (name budget_stays);
-- What is proposed costs as much as what is spent now, to the cent.
SELECT SUM(spend_change) AS more
FROM @this_model
WHERE NOT is_whole
HAVING SUM(spend_change) <> 0;
