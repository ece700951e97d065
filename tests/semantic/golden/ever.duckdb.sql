WITH orders_facts /* total_ever, orders_ever: rows of shop.orders */ AS (
  SELECT
    numbered.channel,
    numbered.metric_time,
    numbered.total_ever,
    numbered.orders_ever
  FROM (
    SELECT
      instants.channel,
      instants.metric_time,
      instants.total_ever,
      instants.orders_ever,
      ROW_NUMBER() OVER (
        PARTITION BY instants.channel, instants.metric_time
        ORDER BY instants.instant DESC
      ) AS place
    FROM (
      SELECT
        orders.channel AS channel,
        CAST(DATE_TRUNC('MONTH', CAST(shown.day AS DATE)) AS DATE) AS metric_time,
        shown.day AS instant,
        SUM(orders.total_ever) AS total_ever,
        SUM(orders.orders_ever) AS orders_ever
      FROM shop.days AS shown
      INNER JOIN (
        SELECT
          periods.channel,
          periods.data_period,
          SUM(periods.total_ever) OVER (
            PARTITION BY periods.channel
            ORDER BY periods.data_period
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS total_ever,
          SUM(periods.orders_ever) OVER (
            PARTITION BY periods.channel
            ORDER BY periods.data_period
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS orders_ever,
          COALESCE(
            LEAD(periods.data_period) OVER (PARTITION BY periods.channel ORDER BY periods.data_period),
            CAST('9999-12-31' AS DATE)
          ) AS data_until
        FROM (
          SELECT
            orders.channel AS channel,
            CAST(orders.ordered_at AS DATE) AS data_period,
            SUM(orders.total) AS total_ever,
            COUNT(orders.order_id) AS orders_ever
          FROM shop.orders AS orders
          WHERE
            orders.ordered_at < CAST('2026-04-01' AS TIMESTAMP)
          GROUP BY
            1,
            2
        ) AS periods
        WHERE
          NOT periods.data_period IS NULL
      ) AS orders
        ON orders.data_period <= shown.day AND orders.data_until > shown.day
      WHERE
        shown.day >= CAST('2026-02-01' AS DATE)
        AND shown.day < CAST('2026-04-01' AS DATE)
      GROUP BY
        1,
        2,
        3
    ) AS instants
  ) AS numbered
  WHERE
    numbered.place = 1
), orders_facts_2 /* buyers_ever: rows of shop.orders */ AS (
  SELECT
    numbered.channel,
    numbered.metric_time,
    numbered.buyers_ever
  FROM (
    SELECT
      instants.channel,
      instants.metric_time,
      instants.buyers_ever,
      ROW_NUMBER() OVER (
        PARTITION BY instants.channel, instants.metric_time
        ORDER BY instants.instant DESC
      ) AS place
    FROM (
      SELECT
        orders.channel AS channel,
        CAST(DATE_TRUNC('MONTH', CAST(shown.day AS DATE)) AS DATE) AS metric_time,
        shown.day AS instant,
        SUM(orders.buyers_ever) AS buyers_ever
      FROM shop.days AS shown
      INNER JOIN (
        SELECT
          periods.channel,
          periods.data_period,
          SUM(periods.buyers_ever) OVER (
            PARTITION BY periods.channel
            ORDER BY periods.data_period
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS buyers_ever,
          COALESCE(
            LEAD(periods.data_period) OVER (PARTITION BY periods.channel ORDER BY periods.data_period),
            CAST('9999-12-31' AS DATE)
          ) AS data_until
        FROM (
          SELECT
            members.channel,
            members.data_period,
            COUNT(members.counted) AS buyers_ever
          FROM (
            SELECT
              orders.channel AS channel,
              orders.customer_id AS counted,
              MIN(CAST(orders.ordered_at AS DATE)) AS data_period
            FROM shop.orders AS orders
            WHERE
              orders.ordered_at < CAST('2026-04-01' AS TIMESTAMP)
            GROUP BY
              1,
              2
          ) AS members
          GROUP BY
            1,
            2
        ) AS periods
        WHERE
          NOT periods.data_period IS NULL
      ) AS orders
        ON orders.data_period <= shown.day AND orders.data_until > shown.day
      WHERE
        shown.day >= CAST('2026-02-01' AS DATE)
        AND shown.day < CAST('2026-04-01' AS DATE)
      GROUP BY
        1,
        2,
        3
    ) AS instants
  ) AS numbered
  WHERE
    numbered.place = 1
), combined /* the facts meet under equal keys, missing keys included */ AS (
  SELECT
    stacked.channel,
    stacked.metric_time,
    MAX(stacked.total_ever) AS total_ever,
    MAX(stacked.orders_ever) AS orders_ever,
    MAX(stacked.buyers_ever) AS buyers_ever
  FROM (
    SELECT
      orders_facts.channel,
      orders_facts.metric_time,
      orders_facts.total_ever,
      orders_facts.orders_ever,
      NULL AS buyers_ever
    FROM orders_facts
    UNION ALL
    SELECT
      orders_facts_2.channel,
      orders_facts_2.metric_time,
      NULL AS total_ever,
      NULL AS orders_ever,
      orders_facts_2.buyers_ever
    FROM orders_facts_2
  ) AS stacked
  GROUP BY
    1,
    2
)
SELECT
  combined.channel,
  combined.metric_time,
  combined.total_ever AS total_ever,
  combined.orders_ever AS orders_ever,
  combined.buyers_ever AS buyers_ever
FROM combined
ORDER BY
  channel ASC,
  metric_time ASC
