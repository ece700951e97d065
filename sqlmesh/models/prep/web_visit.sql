MODEL (
  name prep.web_visit,
  kind FULL,
  description 'Sessions of the GA4 export: the events of one browser in one visit.',
  owner web_team,
  grain session_id,
  audits (not_null(columns := (session_id, started_at)), unique_values(columns := (session_id)))
);

WITH event AS (
  SELECT
    cookie_id || ':' || COALESCE(session_number, occurred_at::DATE::VARCHAR) AS session_id,
    e.*,
    ROW_NUMBER() OVER (
      PARTITION BY cookie_id || ':' || COALESCE(session_number, occurred_at::DATE::VARCHAR) ORDER BY occurred_at, event_id
    ) AS place
  FROM staging.stg_ga4__events AS e
  WHERE cookie_id IS NOT NULL AND occurred_at IS NOT NULL
)
SELECT
  session_id::VARCHAR AS session_id, -- browser and number of its visit
  ('cookie:' || MIN(cookie_id))::VARCHAR AS person_node, -- the browser
  MIN(occurred_at)::TIMESTAMP AS started_at, -- UTC
  MAX(CASE WHEN place = 1 THEN channel END)::VARCHAR AS channel, -- of the first event
  MAX(CASE WHEN place = 1 THEN source END)::VARCHAR AS source, -- of the first event
  MAX(CASE WHEN place = 1 THEN medium END)::VARCHAR AS medium, -- of the first event
  MAX(CASE WHEN place = 1 THEN source_raw END)::VARCHAR AS source_raw, -- as the link carried it
  MAX(CASE WHEN place = 1 THEN medium_raw END)::VARCHAR AS medium_raw, -- as the link carried it
  MAX(CASE WHEN place = 1 THEN campaign END)::VARCHAR AS campaign, -- of the first event
  MAX(CASE WHEN place = 1 THEN page END)::VARCHAR AS landing_page, -- first page
  (MAX(CASE WHEN is_key_event THEN 1 ELSE 0 END) = 1)::BOOLEAN AS converted -- a key event happened
FROM event
GROUP BY session_id;
