WITH orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST(orders.ordered_at AS DATE)) AS DATE) AS metric_time,
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  GROUP BY
    1
), orders_facts_2 /* orders_2: rows of shop.orders */ AS (
  SELECT
    CAST(DATE_TRUNC(
      'MONTH',
      CAST(CAST(CAST(DATE_TRUNC('MONTH', CAST(orders.ordered_at AS DATE)) AS DATE) AS TIMESTAMP) + INTERVAL '1' YEAR AS DATE)
    ) AS DATE) AS metric_time,
    COUNT(orders.order_id) AS orders_2
  FROM shop.orders AS orders
  GROUP BY
    1
), combined /* the facts meet under equal keys, missing keys included */ AS (
  SELECT
    stacked.metric_time,
    MAX(stacked.orders) AS orders,
    MAX(stacked.orders_2) AS orders_2
  FROM (
    SELECT
      orders_facts.metric_time,
      orders_facts.orders,
      NULL AS orders_2
    FROM orders_facts
    UNION ALL
    SELECT
      orders_facts_2.metric_time,
      NULL AS orders,
      orders_facts_2.orders_2
    FROM orders_facts_2
  ) AS stacked
  GROUP BY
    1
)
SELECT
  combined.metric_time,
  combined.orders AS orders,
  CAST(CAST(combined.metric_time AS TIMESTAMP) - INTERVAL '1' YEAR AS DATE) AS metric_time__previous_year,
  combined.orders_2 AS orders__previous_year,
  combined.orders - combined.orders_2 AS orders__difference,
  CAST((
    combined.orders - combined.orders_2
  ) AS DOUBLE) / NULLIF(CAST(ABS(combined.orders_2) AS DOUBLE), 0) AS orders__change
FROM combined
WHERE
  combined.metric_time <= (
    SELECT
      MAX(orders_facts.metric_time)
    FROM orders_facts
  )
ORDER BY
  metric_time ASC
