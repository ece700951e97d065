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
  COALESCE(@slug(v.value), @slug(m.content))::VARCHAR AS content_id, -- slug of the asset
  MIN(COALESCE(v.value, m.content))::VARCHAR AS title, -- its name
  MIN(REPLACE(REPLACE(LOWER(m.content_type), ' ', '_'), '-', '_'))::VARCHAR AS content_type -- whitepaper, webinar, case_study, ...; `Case Study` is one of them
FROM mention AS m
LEFT JOIN prep.value_mapping AS v ON v.kind = 'content' AND v.alias = @slug(m.content)
WHERE @slug(m.content) IS NOT NULL
GROUP BY COALESCE(@slug(v.value), @slug(m.content));
