WITH orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    customer__city__country.country_name AS customer__city__country__country_name,
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  LEFT JOIN shop.customers AS customer
    ON orders.customer_id = customer.customer_id
  LEFT JOIN shop.cities AS customer__city
    ON customer.city_id = customer__city.city_id
  LEFT JOIN shop.countries AS customer__city__country
    ON customer__city.country_id = customer__city__country.country_id
  GROUP BY
    1
)
SELECT
  orders_facts.customer__city__country__country_name,
  orders_facts.orders AS orders
FROM orders_facts
ORDER BY
  customer__city__country__country_name ASC
LIMIT 10
