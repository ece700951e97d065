MODEL (
  name core.web_session,
  kind FULL,
  description 'A session on the website. Days of which only totals are known are written out, one row a session, nobody known.',
  owner web_team,
  grain session_id,
  depends_on (core.person, core.campaign),
  audits (
    not_null(columns := (session_id, started_at, converted)),
    unique_values(columns := (session_id)),
    references_row(column := person_id, parent := core.person, parent_column := person_id),
    references_row(column := campaign_id, parent := core.campaign, parent_column := campaign_id)
  )
);

WITH number AS (
  SELECT a.position + 64 * (b.position - 1) + 4096 * (c.position - 1) AS n
  FROM prep.position AS a
  CROSS JOIN prep.position AS b
  CROSS JOIN prep.position AS c
  WHERE 4096 * (c.position - 1) < (SELECT MAX(sessions) FROM staging.stg_ga4__sessions)
),
session AS (
  SELECT
    'ga4:' || v.session_id AS session_id,
    i.person_id,
    v.started_at,
    v.channel,
    v.source,
    v.medium,
    v.campaign,
    v.source_raw,
    v.medium_raw,
    v.landing_page,
    v.converted
  FROM prep.web_visit AS v
  LEFT JOIN prep.identity AS i ON i.node = v.person_node
  UNION ALL
  SELECT
    'ga4:' || g.session_group_id || ':' || n.n::VARCHAR,
    NULL,
    g.session_date,
    g.channel,
    g.source,
    g.medium,
    g.campaign,
    g.source_raw,
    g.medium_raw,
    g.landing_page,
    n.n <= g.key_events
  FROM staging.stg_ga4__sessions AS g
  JOIN number AS n ON n.n <= g.sessions
  -- Where the export tells the visits themselves, the totals of that day would count them again.
  WHERE g.session_date NOT IN (SELECT started_at::DATE FROM prep.web_visit)
)
SELECT
  s.session_id::VARCHAR AS session_id, -- of the analytics system
  s.person_id::VARCHAR AS person_id, -- who, where known
  s.started_at::TIMESTAMP AS started_at, -- UTC; midnight where only the day is known
  s.channel::VARCHAR AS channel, -- by the channel rules
  s.source::VARCHAR AS source, -- UTM source
  s.medium::VARCHAR AS medium, -- UTM medium
  COALESCE(ca.campaign_id, @slug(s.campaign))::VARCHAR AS campaign_id, -- campaign
  s.landing_page::VARCHAR AS landing_page, -- first page
  s.converted::BOOLEAN AS converted, -- a key event happened in it
  s.source_raw::VARCHAR AS source_raw, -- UTM source as it was recorded
  s.medium_raw::VARCHAR AS medium_raw, -- UTM medium as it was recorded
  s.campaign::VARCHAR AS campaign_raw -- UTM campaign as it was recorded
FROM session AS s
LEFT JOIN prep.campaign_alias AS ca ON ca.alias = @slug(s.campaign);
