MODEL (
  name core.content,
  kind FULL,
  description 'An asset that people consume.',
  owner content_marketing,
  grain content_id,
  audits (not_null(columns := (content_id, title)), unique_values(columns := (content_id)))
);

WITH mention AS (
  SELECT content, content_type FROM prep.touch_record
  UNION ALL
  SELECT content, NULL FROM prep.person_record
)
SELECT
  @slug(content)::VARCHAR AS content_id, -- slug of the asset
  MIN(content)::VARCHAR AS title, -- its name
  MIN(content_type)::VARCHAR AS content_type -- whitepaper, webinar, case_study, ...
FROM mention
WHERE @slug(content) IS NOT NULL
GROUP BY @slug(content);
