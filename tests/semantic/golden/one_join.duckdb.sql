WITH orders_facts /* north_total, south_buyers: rows of shop.orders */ AS (
  SELECT
    orders.channel AS channel,
    SUM(orders.total) FILTER(WHERE
      customer.region = 'north') AS north_total,
    CASE
      WHEN COUNT(*) FILTER(WHERE
        customer.region = 'south') > 0
      THEN COUNT(DISTINCT orders.customer_id) FILTER(WHERE
        customer.region = 'south')
    END AS south_buyers
  FROM shop.orders AS orders
  LEFT JOIN shop.customers AS customer
    ON orders.customer_id = customer.customer_id
  WHERE
    (
      customer.region = 'north' OR customer.region = 'south'
    )
  GROUP BY
    1
)
SELECT
  orders_facts.channel,
  orders_facts.north_total AS north_total,
  orders_facts.south_buyers AS south_buyers
FROM orders_facts
ORDER BY
  channel ASC
