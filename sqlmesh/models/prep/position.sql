MODEL (
  name prep.position,
  kind FULL,
  description 'The numbers 1 to 64: to take lists in text apart on every engine.',
  owner data_platform,
  grain position,
  audits (not_null(columns := (position)), unique_values(columns := (position)))
);

WITH bits AS (
  SELECT 0 AS n UNION ALL SELECT 1
)
SELECT
  (1 + a.n + 2 * b.n + 4 * c.n + 8 * d.n + 16 * e.n + 32 * f.n)::INTEGER AS position -- 1 to 64
FROM bits AS a
CROSS JOIN bits AS b
CROSS JOIN bits AS c
CROSS JOIN bits AS d
CROSS JOIN bits AS e
CROSS JOIN bits AS f;
