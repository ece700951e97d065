WITH orders_facts /* order_total: rows of shop.orders */ AS (
  SELECT
    facts.line__ship_mode,
    SUM(facts.input_1) AS order_total
  FROM (
    SELECT DISTINCT
      lines.ship_mode AS line__ship_mode,
      orders.order_id AS fact_key,
      orders.total AS input_1
    FROM shop.orders AS orders
    LEFT JOIN shop.lines AS lines
      ON orders.order_id = lines.order_id
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders_facts.line__ship_mode,
  orders_facts.order_total AS order_total
FROM orders_facts
ORDER BY
  line__ship_mode ASC NULLS LAST
