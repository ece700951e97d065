WITH orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  WHERE
    DATETIME(TIMESTAMP(CAST(orders.ordered_at AS DATETIME), 'UTC'), 'Europe/Berlin') >= CAST('2026-01-01' AS DATETIME)
    AND DATETIME(TIMESTAMP(CAST(orders.ordered_at AS DATETIME), 'UTC'), 'Europe/Berlin') < CAST('2026-02-01' AS DATETIME)
)
SELECT
  orders_facts.orders AS orders
FROM orders_facts
