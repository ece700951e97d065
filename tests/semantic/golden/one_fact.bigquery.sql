WITH orders_facts /* orders, web_buyers, paid_orders: rows of shop.orders */ AS (
  SELECT
    CAST(DATETIME_TRUNC(CAST(orders.ordered_at AS DATETIME), MONTH) AS DATE) AS metric_time,
    COUNT(orders.order_id) AS orders,
    CASE
      WHEN COUNT(CASE WHEN orders.channel = 'web' THEN 1 END) > 0
      THEN COUNT(DISTINCT CASE WHEN orders.channel = 'web' THEN orders.customer_id END)
    END AS web_buyers,
    CASE
      WHEN COUNT(CASE WHEN orders.is_paid THEN 1 END) > 0
      THEN COUNT(CASE WHEN orders.is_paid THEN orders.order_id END)
    END AS paid_orders
  FROM shop.orders AS orders
  WHERE
    orders.channel <> 'tv'
  GROUP BY
    1
)
SELECT
  orders_facts.metric_time,
  orders_facts.orders AS orders,
  orders_facts.web_buyers AS web_buyers,
  orders_facts.paid_orders AS paid_orders
FROM orders_facts
ORDER BY
  metric_time ASC NULLS LAST
