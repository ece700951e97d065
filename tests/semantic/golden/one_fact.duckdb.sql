WITH orders_facts /* orders, web_buyers, paid_orders: rows of shop.orders */ AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST(orders.ordered_at AS DATE)) AS DATE) AS metric_time,
    COUNT(orders.order_id) AS orders,
    CASE
      WHEN COUNT(*) FILTER(WHERE
        orders.channel = 'web') > 0
      THEN COUNT(DISTINCT orders.customer_id) FILTER(WHERE
        orders.channel = 'web')
    END AS web_buyers,
    CASE
      WHEN COUNT(*) FILTER(WHERE
        orders.is_paid) > 0
      THEN COUNT(orders.order_id) FILTER(WHERE
        orders.is_paid)
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
  metric_time ASC
