MODEL (
  name attribution.path,
  kind FULL,
  description 'Journeys as paths, for the data-driven models: the steps in order, how many converted, and how many ended without.',
  owner marketing_ops,
  grain (credit_kind, level, path),
  audits (
    not_null(columns := (credit_kind, level, path, conversions, nulls)),
    unique_combination_of_columns(columns := (credit_kind, level, path)),
    accepted_values(column := level, is_in := ('channel', 'campaign', 'content')),
    forall(criteria := (conversions >= 0, nulls >= 0))
  )
);

-- A journey without conversion: somebody who never became MQL, an MQL who is on no deal, a deal that was lost.
WITH on_deal AS (
  SELECT DISTINCT oc.person_id
  FROM core.opportunity_contact AS oc
  JOIN core.opportunity AS o ON o.opportunity_id = oc.opportunity_id
  WHERE NOT o.is_deleted
),
walked AS (
  SELECT j.credit_kind, j.credited_id, TRUE AS is_converted, e.amount, j.touch_id, j.touch_at
  FROM attribution.journey_touch AS j
  JOIN attribution.credited_event AS e ON e.credit_kind = j.credit_kind AND e.credited_id = j.credited_id
  WHERE j.touch_id IS NOT NULL AND j.credited_at >= @training_start()
  UNION ALL
  SELECT 'mql', t.person_id, FALSE, NULL, t.touch_id, t.occurred_at
  FROM core.touch AS t
  JOIN core.person AS p ON p.person_id = t.person_id
  WHERE p.first_mql_at IS NULL AND NOT p.is_deleted AND t.occurred_at >= @training_start()
  UNION ALL
  SELECT 'pipeline', t.person_id, FALSE, NULL, t.touch_id, t.occurred_at
  FROM core.touch AS t
  JOIN core.person AS p ON p.person_id = t.person_id
  LEFT JOIN on_deal AS d ON d.person_id = p.person_id
  WHERE p.first_mql_at IS NOT NULL AND NOT p.is_deleted AND d.person_id IS NULL AND t.occurred_at >= @training_start()
  UNION ALL
  SELECT 'revenue', o.opportunity_id, FALSE, NULL, t.touch_id, t.occurred_at
  FROM core.opportunity AS o
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = o.opportunity_id
  JOIN core.touch AS t ON t.person_id = oc.person_id
  WHERE o.is_closed AND NOT o.is_won AND NOT o.is_deleted AND o.closed_at >= @training_start()
    AND t.occurred_at < @end_of_closing(o.closed_at)
),
step AS (
  SELECT w.*, 'channel' AS level, COALESCE(t.channel, 'unknown') AS step
  FROM walked AS w
  JOIN core.touch AS t ON t.touch_id = w.touch_id
  UNION ALL
  SELECT w.*, 'campaign', COALESCE(t.campaign_id, '(none)')
  FROM walked AS w
  JOIN core.touch AS t ON t.touch_id = w.touch_id
  UNION ALL
  SELECT w.*, 'content', COALESCE(t.content_id, '(none)')
  FROM walked AS w
  JOIN core.touch AS t ON t.touch_id = w.touch_id
),
journey AS (
  SELECT
    credit_kind,
    credited_id,
    is_converted,
    level,
    MAX(amount) AS amount,
    LISTAGG(REPLACE(step, '>', '-'), ' > ') WITHIN GROUP (ORDER BY touch_at, touch_id) AS path
  FROM step
  GROUP BY credit_kind, credited_id, is_converted, level
)
SELECT
  credit_kind::VARCHAR AS credit_kind, -- mql, pipeline or revenue
  level::VARCHAR AS level, -- channel, campaign or content
  path::VARCHAR AS path, -- the steps in order, separated by ' > '
  SUM(CASE WHEN is_converted THEN 1 ELSE 0 END)::BIGINT AS conversions, -- journeys that converted
  COALESCE(SUM(amount), 0)::DECIMAL(18, 2) AS value, -- their money, in the reporting currency
  SUM(CASE WHEN is_converted THEN 0 ELSE 1 END)::BIGINT AS nulls -- journeys that did not
FROM journey
GROUP BY credit_kind, level, path;
