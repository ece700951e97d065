WITH orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  WHERE
    CAST(CAST(orders.ordered_at AS TIMESTAMP) AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin' >= CAST('2026-01-01' AS TIMESTAMP)
    AND CAST(CAST(orders.ordered_at AS TIMESTAMP) AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin' < CAST('2026-02-01' AS TIMESTAMP)
)
SELECT
  orders_facts.orders AS orders
FROM orders_facts
