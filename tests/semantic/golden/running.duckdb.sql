WITH orders_facts /* total_7_days: rows of shop.orders */ AS (
  SELECT
    numbered.metric_time,
    numbered.total_7_days
  FROM (
    SELECT
      instants.metric_time,
      instants.total_7_days,
      ROW_NUMBER() OVER (PARTITION BY instants.metric_time ORDER BY instants.instant DESC) AS place
    FROM (
      SELECT
        CAST(DATE_TRUNC('MONTH', CAST(shown.day AS DATE)) AS DATE) AS metric_time,
        shown.day AS instant,
        SUM(orders.total_7_days) AS total_7_days
      FROM shop.days AS shown
      INNER JOIN (
        SELECT
          CAST(orders.ordered_at AS DATE) AS data_period,
          SUM(orders.total) AS total_7_days
        FROM shop.orders AS orders
        GROUP BY
          1
      ) AS orders
        ON orders.data_period <= shown.day
        AND orders.data_period > CAST(shown.day AS TIMESTAMP) - INTERVAL '7' DAY
      GROUP BY
        1,
        2
    ) AS instants
  ) AS numbered
  WHERE
    numbered.place = 1
)
SELECT
  orders_facts.metric_time,
  orders_facts.total_7_days AS total_7_days
FROM orders_facts
ORDER BY
  metric_time ASC
