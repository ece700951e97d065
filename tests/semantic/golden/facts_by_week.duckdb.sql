WITH spend_facts /* spend: rows of shop.spend */ AS (
  SELECT
    CAST(DATE_TRUNC('WEEK', CAST(spend.spend_date AS DATE)) AS DATE) AS metric_time,
    SUM(spend.amount) AS spend
  FROM shop.spend AS spend
  GROUP BY
    1
), orders_facts /* orders: rows of shop.orders */ AS (
  SELECT
    CAST(DATE_TRUNC('WEEK', CAST(orders.ordered_at AS DATE)) AS DATE) AS metric_time,
    COUNT(orders.order_id) AS orders
  FROM shop.orders AS orders
  GROUP BY
    1
), stock_facts /* stock: rows of shop.stock */ AS (
  SELECT
    facts.metric_time,
    SUM(facts.input_1) AS stock
  FROM (
    SELECT
      CAST(DATE_TRUNC('WEEK', CAST(stock.stock_date AS DATE)) AS DATE) AS metric_time,
      stock.pieces AS input_1,
      CAST(stock.stock_date AS DATE) AS instant,
      MAX(CAST(stock.stock_date AS DATE)) OVER (PARTITION BY CAST(DATE_TRUNC('WEEK', CAST(stock.stock_date AS DATE)) AS DATE)) AS counted_instant
    FROM shop.stock AS stock
  ) AS facts
  WHERE
    facts.instant = facts.counted_instant
  GROUP BY
    1
), visits_facts /* visits: rows of shop.visits */ AS (
  SELECT
    CAST(DATE_TRUNC('WEEK', CAST(visits.visited_at AS DATE)) AS DATE) AS metric_time,
    COUNT(*) AS visits
  FROM shop.visits AS visits
  GROUP BY
    1
), combined /* the facts meet under equal keys, missing keys included */ AS (
  SELECT
    stacked.metric_time,
    MAX(stacked.spend) AS spend,
    MAX(stacked.orders) AS orders,
    MAX(stacked.stock) AS stock,
    MAX(stacked.visits) AS visits
  FROM (
    SELECT
      spend_facts.metric_time,
      spend_facts.spend,
      NULL AS orders,
      NULL AS stock,
      NULL AS visits
    FROM spend_facts
    UNION ALL
    SELECT
      orders_facts.metric_time,
      NULL AS spend,
      orders_facts.orders,
      NULL AS stock,
      NULL AS visits
    FROM orders_facts
    UNION ALL
    SELECT
      stock_facts.metric_time,
      NULL AS spend,
      NULL AS orders,
      stock_facts.stock,
      NULL AS visits
    FROM stock_facts
    UNION ALL
    SELECT
      visits_facts.metric_time,
      NULL AS spend,
      NULL AS orders,
      NULL AS stock,
      visits_facts.visits
    FROM visits_facts
  ) AS stacked
  GROUP BY
    1
)
SELECT
  combined.metric_time,
  CAST(combined.spend AS DOUBLE) / NULLIF(CAST(combined.orders AS DOUBLE), 0) AS cost_per_order,
  combined.stock AS stock,
  combined.visits AS visits
FROM combined
ORDER BY
  visits DESC,
  metric_time ASC
