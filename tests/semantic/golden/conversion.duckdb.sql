WITH orders_facts /* bought_after_visit: shop.orders after its latest event in shop.visits */ AS (
  SELECT
    matched.channel,
    COUNT(matched.input_1) AS bought_after_visit
  FROM (
    SELECT
      base.channel,
      conversion.input_1,
      ROW_NUMBER() OVER (
        PARTITION BY conversion.event_id
        ORDER BY base.event_time DESC, base.tie, base.channel
      ) AS place
    FROM (
      SELECT
        orders.customer_id AS entity,
        DATE_TRUNC('SECOND', CAST(orders.ordered_at AS TIMESTAMP)) AS event_time,
        orders.order_id AS event_id,
        orders.order_id AS input_1
      FROM shop.orders AS orders
    ) AS conversion
    INNER JOIN (
      SELECT
        visits.channel AS channel,
        visits.customer_id AS entity,
        DATE_TRUNC('SECOND', CAST(visits.visited_at AS TIMESTAMP)) AS event_time,
        1 AS tie
      FROM shop.visits AS visits
    ) AS base
      ON base.entity = conversion.entity
      AND base.event_time <= conversion.event_time
      AND base.event_time > CAST(conversion.event_time AS TIMESTAMP) - INTERVAL '7' DAY
  ) AS matched
  WHERE
    matched.place = 1
  GROUP BY
    1
), visits_facts /* visits: rows of shop.visits */ AS (
  SELECT
    visits.channel AS channel,
    COUNT(*) AS visits
  FROM shop.visits AS visits
  GROUP BY
    1
), combined /* the facts meet under equal keys, missing keys included */ AS (
  SELECT
    stacked.channel,
    MAX(stacked.bought_after_visit) AS bought_after_visit,
    MAX(stacked.visits) AS visits
  FROM (
    SELECT
      orders_facts.channel,
      orders_facts.bought_after_visit,
      NULL AS visits
    FROM orders_facts
    UNION ALL
    SELECT
      visits_facts.channel,
      NULL AS bought_after_visit,
      visits_facts.visits
    FROM visits_facts
  ) AS stacked
  GROUP BY
    1
)
SELECT
  combined.channel,
  CAST(combined.bought_after_visit AS DOUBLE) / NULLIF(CAST(combined.visits AS DOUBLE), 0) AS bought_after_visit
FROM combined
ORDER BY
  channel ASC
