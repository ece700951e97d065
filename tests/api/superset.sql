-- Statements as Superset writes them: each must be answered. `--> n rows`, or nothing where any number will do.
SELECT 1  --> 1
SELECT DATE_TRUNC('month', metric_time) AS metric_time, MEASURE(cost_per_mql) AS cost_per_mql FROM semantic.metrics WHERE metric_time >= TIMESTAMP '2026-01-01 00:00:00.000000' AND metric_time < TIMESTAMP '2026-04-01 00:00:00.000000' GROUP BY DATE_TRUNC('month', metric_time) LIMIT 50000  --> 3
SELECT DATE_TRUNC('day', metric_time) AS metric_time, MEASURE(mqls) AS mqls FROM semantic.metrics GROUP BY DATE_TRUNC('day', metric_time) LIMIT 5  --> 5
SELECT DATE_TRUNC('week', metric_time) AS metric_time, MEASURE(mqls) AS mqls FROM semantic.metrics GROUP BY DATE_TRUNC('week', metric_time) LIMIT 5  --> 5
SELECT DATE_TRUNC('quarter', metric_time) AS metric_time, MEASURE(mqls) AS mqls FROM semantic.metrics GROUP BY DATE_TRUNC('quarter', metric_time)  --> 3
SELECT DATE_TRUNC('year', metric_time) AS metric_time, MEASURE(mqls) AS mqls FROM semantic.metrics GROUP BY DATE_TRUNC('year', metric_time)  --> 2
SELECT DATE_TRUNC('hour', metric_time) AS metric_time, MEASURE(mqls) AS mqls FROM semantic.metrics GROUP BY DATE_TRUNC('hour', metric_time) LIMIT 5  --> 5
SELECT channel AS channel, MEASURE(marketing_spend) AS mme_inner__ FROM semantic.metrics WHERE metric_time >= TIMESTAMP '2026-01-01 00:00:00.000000' AND metric_time < TIMESTAMP '2026-04-01 00:00:00.000000' GROUP BY channel ORDER BY mme_inner__ DESC LIMIT 2  --> 2
SELECT DATE_TRUNC('month', metric_time) AS metric_time, channel AS channel, MEASURE(marketing_spend) AS marketing_spend FROM semantic.metrics WHERE metric_time >= TIMESTAMP '2026-01-01 00:00:00.000000' AND ((channel = 'paid_social') OR (channel = 'webinar')) GROUP BY DATE_TRUNC('month', metric_time), channel ORDER BY marketing_spend DESC LIMIT 1000
SELECT DATE_TRUNC('month', metric_time) AS metric_time, CASE WHEN channel = 'paid_social' OR channel = 'webinar' THEN channel ELSE 'Others' END AS channel, MEASURE(cost_per_mql) AS cost_per_mql FROM semantic.metrics GROUP BY DATE_TRUNC('month', metric_time), CASE WHEN channel = 'paid_social' OR channel = 'webinar' THEN channel ELSE 'Others' END
SELECT channel AS channel, region AS region, MEASURE(marketing_spend) AS marketing_spend, MEASURE(mqls) AS mqls, MEASURE(cost_per_mql) AS cost_per_mql FROM semantic.metrics GROUP BY channel, region ORDER BY marketing_spend DESC LIMIT 5 OFFSET 5  --> 5
SELECT channel AS channel, MEASURE(mqls) AS mqls FROM semantic.metrics GROUP BY channel ORDER BY MEASURE(cost_per_mql) DESC LIMIT 3  --> 3
SELECT campaign AS campaign, MEASURE(mqls) AS mqls FROM semantic.metrics WHERE campaign IS NULL GROUP BY campaign LIMIT 1000  --> 1
SELECT COUNT(*) AS rowcount FROM (SELECT channel AS channel, region AS region, MEASURE(marketing_spend) AS marketing_spend FROM semantic.metrics GROUP BY channel, region LIMIT 1000) AS rowcount_qry  --> 1
SELECT region AS region FROM semantic.metrics GROUP BY region ORDER BY region ASC LIMIT 1000
SELECT region AS region, MEASURE(marketing_spend) AS marketing_spend FROM semantic.metrics GROUP BY region ORDER BY marketing_spend DESC LIMIT 1000
SELECT DISTINCT channel FROM semantic.metrics LIMIT 10001
SELECT channel AS channel FROM semantic.metrics WHERE channel ILIKE '%PAID%' GROUP BY channel LIMIT 1000  --> 2
SELECT channel AS channel, MEASURE(mqls) AS mqls FROM semantic.metrics WHERE region IN ('EMEA', 'APAC') AND (channel NOT IN ('email')) AND campaign LIKE '%a%' AND campaign != 'c1' GROUP BY channel LIMIT 1000
SELECT region AS region, MEASURE(mqls) AS mqls FROM semantic.metrics WHERE (campaign = 'Newsletter' OR campaign IS NULL) GROUP BY region LIMIT 1000
SELECT region AS region, MEASURE(mqls) AS mqls FROM semantic.metrics WHERE campaign = 'o''brien \ % :x' GROUP BY region LIMIT 1000  --> 0
SELECT channel AS channel, MEASURE(cost_per_mql) AS cost_per_mql FROM semantic.metrics GROUP BY channel HAVING ((MEASURE(cost_per_mql) > 200)) LIMIT 1000  --> 3
SELECT channel AS channel, MEASURE(cost_per_mql) AS cost_per_mql FROM semantic.metrics WHERE (region <> 'APAC') GROUP BY channel LIMIT 1000
SELECT channel AS channel, MEASURE(marketing_spend) / NULLIF(MEASURE(leads), 0) AS "cost per lead" FROM semantic.metrics GROUP BY channel LIMIT 1000
SELECT CASE WHEN channel LIKE 'paid%' THEN 'Paid' ELSE 'Other' END AS paid, MEASURE(cost_per_mql) AS cost_per_mql FROM semantic.metrics GROUP BY CASE WHEN channel LIKE 'paid%' THEN 'Paid' ELSE 'Other' END LIMIT 1000  --> 2
SELECT channel AS channel, MEASURE(mqls) AS mqls FROM semantic.metrics WHERE CASE WHEN channel LIKE 'paid%' THEN 'Paid' ELSE 'Other' END = 'Paid' GROUP BY channel  --> 2
SELECT DATE_TRUNC('month', metric_time) AS metric_time, MEASURE(mqls) AS mqls FROM semantic.metrics WHERE metric_time >= TIMESTAMP '2025-01-01 00:00:00.000000' AND metric_time < TIMESTAMP '2026-01-01 00:00:00.000000' AND metric_time >= TIMESTAMP '2025-01-01 00:00:00.000000' AND metric_time < TIMESTAMP '2026-01-01 00:00:00.000000' GROUP BY DATE_TRUNC('month', metric_time)  --> 1
SELECT metric_time AS metric_time, channel AS channel, source AS source, medium AS medium, campaign AS campaign, region AS region FROM semantic.metrics LIMIT 100
SELECT channel AS channel, region AS region FROM semantic.metrics WHERE channel = 'email' LIMIT 100 OFFSET 0
SELECT COUNT(*) AS "COUNT(*)" FROM semantic.metrics WHERE channel = 'email'  --> 1
SELECT * FROM semantic.metrics LIMIT 101
SELECT region AS region, MEASURE(cost_per_mql) AS cost_per_mql FROM (SELECT * FROM metrics WHERE region = 'EMEA') AS virtual_table GROUP BY region LIMIT 1000  --> 1
SELECT * FROM (SELECT * FROM metrics WHERE region = 'EMEA') AS virtual_table LIMIT 10
SELECT s AS s, SUM(n) AS "SUM(n)" FROM (SELECT segment AS s, MEASURE(mqls) AS n FROM metrics GROUP BY 1) AS virtual_table GROUP BY s LIMIT 1000
SELECT MEASURE(cost_per_mql) FROM metrics WHERE metric_time >= CURRENT_DATE - INTERVAL '1 year' LIMIT 2  --> 1
SELECT channel, MEASURE(cost_per_mql) FROM metrics GROUP BY 1 HAVING MEASURE(cost_per_mql) > 1000 LIMIT 2  --> 1
SELECT COUNT(*) FROM (SELECT channel FROM metrics GROUP BY 1 HAVING MEASURE(cost_per_mql) > 200) t  --> 1
SELECT CASE WHEN MEASURE(mqls) < MEASURE(mqls_target) THEN 1 ELSE 0 END AS behind FROM metrics WHERE metric_time >= TIMESTAMP '2026-03-01' AND metric_time < TIMESTAMP '2026-04-01'  --> 1
SELECT MIN(metric_time), MAX(metric_time) FROM semantic.metrics  --> 1
SELECT DATE_TRUNC('month', metric_time) AS metric_time, MEASURE(mqls) AS mqls FROM metrics WHERE DATE_TRUNC('month', metric_time) IN (TIMESTAMP '2026-02-01 00:00:00.000000', TIMESTAMP '2026-03-01 00:00:00.000000') GROUP BY 1  --> 2
WITH a AS (SELECT channel, MEASURE(marketing_spend) s FROM metrics GROUP BY 1) SELECT * FROM a WHERE s > 1000  --> 2
SELECT EXTRACT(MONTH FROM metric_time) AS m, MEASURE(mqls) FROM metrics GROUP BY 1 ORDER BY 1
SELECT metric_time AS metric_time, MEASURE(mqls) AS mqls FROM metrics GROUP BY metric_time ORDER BY metric_time LIMIT 2  --> 2
SELECT channel || ' / ' || COALESCE(region, '(none)') AS place, MEASURE(cost_per_mql) FROM metrics GROUP BY 1
SELECT DATE_TRUNC('fiscal_quarter', metric_time) AS q, MEASURE(mqls) FROM metrics GROUP BY 1  --> 2
