WITH orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  WHERE
    CONVERT_TIMEZONE('UTC', 'Europe/Berlin', CAST(orders.ordered_at AS TIMESTAMP)) >= CAST('2026-01-01' AS TIMESTAMP)
    AND CONVERT_TIMEZONE('UTC', 'Europe/Berlin', CAST(orders.ordered_at AS TIMESTAMP)) < CAST('2026-02-01' AS TIMESTAMP)
)
SELECT
  orders_facts.orders AS orders
FROM orders_facts
