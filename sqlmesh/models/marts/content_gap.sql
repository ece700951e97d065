MODEL (
  name marts.content_gap,
  kind FULL,
  description 'For each stage of the journey, kind of asset and month of closing: how many deals that were in the stage met such an asset in it, won and lost.',
  owner content_marketing,
  grain (journey_stage, content_met, close_month, region, segment),
  audits (
    not_null(columns := (journey_stage, stage_place, content_met, close_month, won_with, lost_with, won, lost)),
    unique_combination_of_columns(columns := (journey_stage, content_met, close_month, region, segment)),
    forall(criteria := (won_with <= won, lost_with <= lost))
  )
);

WITH closed AS (
  SELECT opportunity_id, DATE_TRUNC('month', close_date)::DATE AS close_month, region, segment, is_won
  FROM core.opportunity
  WHERE is_closed AND NOT is_deleted AND close_date IS NOT NULL
),
team AS (
  -- A deal is an MQL, and accepted, as soon as one of its people is.
  SELECT oc.opportunity_id, MIN(p.first_mql_at) AS mql_at, MIN(p.first_sql_at) AS sql_at
  FROM core.opportunity_contact AS oc
  JOIN core.person AS p ON p.person_id = oc.person_id
  GROUP BY oc.opportunity_id
),
open_step AS (
  SELECT s.opportunity_id, s.stage, s.place, s.valid_from
  FROM prep.deal_step AS s
  JOIN closed AS d ON d.opportunity_id = s.opportunity_id
  WHERE s.is_open
),
way AS (
  SELECT d.opportunity_id, t.mql_at, t.sql_at, MIN(s.valid_from) AS opened_at
  FROM closed AS d
  LEFT JOIN team AS t ON t.opportunity_id = d.opportunity_id
  LEFT JOIN open_step AS s ON s.opportunity_id = d.opportunity_id
  GROUP BY d.opportunity_id, t.mql_at, t.sql_at
),
entered AS (
  -- A CRM may call a stage of its own `sql`: it is one stage then.
  SELECT opportunity_id, 'lead' AS stage FROM way
  UNION
  SELECT opportunity_id, 'mql' FROM way
  WHERE mql_at IS NOT NULL AND (sql_at IS NULL OR mql_at < sql_at) AND (opened_at IS NULL OR mql_at < opened_at)
  UNION
  SELECT opportunity_id, 'sql' FROM way
  WHERE sql_at IS NOT NULL AND (opened_at IS NULL OR sql_at < opened_at)
  UNION
  SELECT opportunity_id, stage FROM open_step
),
placed AS (
  SELECT stage, MIN(place) + 3 AS stage_place FROM open_step GROUP BY stage
),
met AS (
  -- The stage of a touch is the furthest that the deal had come to by then.
  SELECT
    t.opportunity_id,
    c.content_type,
    COALESCE(
      s.stage,
      CASE WHEN t.touch_at >= w.sql_at THEN 'sql' WHEN t.touch_at >= w.mql_at THEN 'mql' ELSE 'lead' END
    ) AS stage
  FROM attribution.opportunity_touch AS t
  JOIN way AS w ON w.opportunity_id = t.opportunity_id
  JOIN core.content AS c ON c.content_id = t.content_id
  LEFT JOIN open_step AS s ON s.opportunity_id = t.opportunity_id AND s.valid_from <= t.touch_at
  QUALIFY ROW_NUMBER() OVER (PARTITION BY t.opportunity_id, t.touch_id ORDER BY s.place DESC NULLS LAST) = 1
),
consumed AS (
  SELECT opportunity_id, stage, 'anything' AS content_met FROM met
  UNION
  SELECT opportunity_id, stage, content_type FROM met WHERE content_type IS NOT NULL
),
kind AS (
  SELECT 'anything' AS content_met
  UNION
  SELECT content_type FROM core.content WHERE content_type IS NOT NULL
)
SELECT
  e.stage::VARCHAR AS journey_stage, -- lead, mql, sql, then the stages of the deal by their names
  COALESCE(p.stage_place, CASE e.stage WHEN 'lead' THEN 1 WHEN 'mql' THEN 2 ELSE 3 END)::INTEGER AS stage_place, -- orders the stages
  k.content_met::VARCHAR AS content_met, -- a kind of asset, or anything at all
  d.close_month::DATE AS close_month, -- first of the month
  d.region::VARCHAR AS region, -- of the deals
  d.segment::VARCHAR AS segment, -- of the deals
  COUNT(CASE WHEN d.is_won AND c.opportunity_id IS NOT NULL THEN 1 END)::BIGINT AS won_with, -- won, and met it in the stage
  COUNT(CASE WHEN NOT d.is_won AND c.opportunity_id IS NOT NULL THEN 1 END)::BIGINT AS lost_with, -- lost, and met it in the stage
  COUNT(CASE WHEN d.is_won THEN 1 END)::BIGINT AS won, -- won, and was in the stage
  COUNT(CASE WHEN NOT d.is_won THEN 1 END)::BIGINT AS lost -- lost, and was in the stage
FROM entered AS e
JOIN closed AS d ON d.opportunity_id = e.opportunity_id
CROSS JOIN kind AS k
LEFT JOIN placed AS p ON p.stage = e.stage
LEFT JOIN consumed AS c
  ON c.opportunity_id = e.opportunity_id AND c.stage = e.stage AND c.content_met = k.content_met
GROUP BY e.stage, p.stage_place, k.content_met, d.close_month, d.region, d.segment;
