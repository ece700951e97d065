WITH top_members /* the top 2 by orders */ AS (
  SELECT
    ranked.channel AS member,
    1 AS is_kept
  FROM (
    WITH orders_facts /* orders: rows of shop.orders */ AS (
      SELECT
        orders.channel AS channel,
        COUNT(orders.order_id) AS orders
      FROM shop.orders AS orders
      GROUP BY
        1
    )
    SELECT
      orders_facts.channel,
      orders_facts.orders AS orders
    FROM orders_facts
    ORDER BY
      orders DESC NULLS LAST,
      channel ASC
    LIMIT 2
  ) AS ranked
), orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    CASE
      WHEN top_members.is_kept = 1
      THEN CAST(orders.channel AS VARCHAR(MAX))
      ELSE 'Other'
    END AS channel,
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  LEFT JOIN top_members
    ON orders.channel = top_members.member
    OR (
      orders.channel IS NULL AND top_members.member IS NULL
    )
  GROUP BY
    1
)
SELECT
  orders_facts.channel,
  orders_facts.orders AS orders
FROM orders_facts
ORDER BY
  channel ASC
