WITH orders_facts /* orders_every_day: rows of shop.orders, with a row for every period of shop.days */ AS (
  SELECT
    periods.metric_time,
    found.orders_every_day
  FROM (
    SELECT DISTINCT
      CAST(spine.day AS DATE) AS metric_time
    FROM shop.days AS spine
    WHERE
      spine.day >= CAST('2026-01-01' AS DATE)
      AND spine.day < CAST('2026-02-01' AS DATE)
  ) AS periods
  LEFT JOIN (
    SELECT
      CAST(orders.ordered_at AS DATE) AS metric_time,
      COUNT(orders.order_id) AS orders_every_day
    FROM shop.orders AS orders
    WHERE
      orders.ordered_at >= CAST('2026-01-01' AS DATETIME)
      AND orders.ordered_at < CAST('2026-02-01' AS DATETIME)
    GROUP BY
      1
  ) AS found
    ON periods.metric_time IS NOT DISTINCT FROM found.metric_time
)
SELECT
  orders_facts.metric_time,
  COALESCE(orders_facts.orders_every_day, 0) AS orders_every_day
FROM orders_facts
ORDER BY
  metric_time ASC NULLS LAST
