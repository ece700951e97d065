MODEL (
  name core.web_session,
  kind FULL,
  description 'A session on the website. No source supplies sessions yet; the table stands for those that ask.',
  owner web_team,
  grain session_id,
  audits (not_null(columns := (session_id)), unique_values(columns := (session_id)))
);

SELECT
  NULL::VARCHAR AS session_id, -- the analytics system's id
  NULL::VARCHAR AS person_id, -- who, where known
  NULL::TIMESTAMP AS started_at, -- UTC
  NULL::VARCHAR AS channel, -- by the channel rules
  NULL::VARCHAR AS source, -- UTM source
  NULL::VARCHAR AS medium, -- UTM medium
  NULL::VARCHAR AS campaign_id, -- campaign
  NULL::VARCHAR AS landing_page, -- first page
  NULL::BOOLEAN AS converted -- whether a form was filled in it
FROM prep.position
WHERE FALSE;
