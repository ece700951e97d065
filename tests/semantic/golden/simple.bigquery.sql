WITH orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    orders.channel AS channel,
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  WHERE
    (
      orders.channel LIKE 'w%' OR orders.channel IS NULL
    )
  GROUP BY
    1
)
SELECT
  orders_facts.channel,
  orders_facts.orders AS orders
FROM orders_facts
ORDER BY
  channel ASC NULLS LAST
