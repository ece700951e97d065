MODEL (
  name prep.value_mapping,
  kind FULL,
  description 'Values that people decided to read as another one. Chains are followed to their end; what was only proposed or rejected is not here.',
  owner marketing_ops,
  grain (kind, alias),
  audits (
    not_null(columns := (kind, alias, value)),
    -- Two rows for one value, and rows that lead in a circle, stop the build.
    unique_combination_of_columns(columns := (kind, alias)),
    every_mapping_ends()
  )
);

WITH RECURSIVE step AS (
  SELECT
    kind,
    @value_key(kind, from_value) AS alias,
    @value_key(kind, to_value) AS next_alias,
    TRIM(to_value) AS value
  FROM @approved_values() AS approved
),
walk AS (
  SELECT kind, alias, next_alias, value, 1 AS steps
  FROM step
  UNION ALL
  -- A row that only says how a value is written leads to itself, and ends there.
  SELECT w.kind, w.alias, s.next_alias, s.value, w.steps + 1
  FROM walk AS w
  JOIN step AS s ON s.kind = w.kind AND s.alias = w.next_alias
  WHERE w.next_alias <> w.alias AND w.steps < 50 AND s.next_alias <> s.alias
)
SELECT
  w.kind::VARCHAR AS kind, -- source, medium, campaign, content or product
  w.alias::VARCHAR AS alias, -- the value as a key: trimmed, lower case
  COALESCE(own.value, w.value)::VARCHAR AS value -- what it is read as
FROM walk AS w
LEFT JOIN step AS further ON further.kind = w.kind AND further.alias = w.next_alias AND further.next_alias <> further.alias
LEFT JOIN step AS own ON own.kind = w.kind AND own.alias = w.next_alias AND own.next_alias = own.alias
WHERE further.alias IS NULL;
