MODEL (
  name core.target,
  kind FULL,
  description 'A growth-model target of a month; the latest version is current.',
  owner finance,
  grain target_id,
  audits (
    not_null(columns := (target_id, metric, target_month, is_current)),
    unique_values(columns := (target_id)),
    same_row_count(other := staging.stg_files__targets)
  )
);

WITH versioned AS (
  SELECT
    *,
    name || CASE WHEN name <> COALESCE(version, '') THEN LPAD(SUBSTR(version, LENGTH(name) + 1), 20, '0') ELSE '' END AS place
  FROM (SELECT *, REGEXP_REPLACE(COALESCE(version, ''), '[0-9]+$', '') AS name FROM staging.stg_files__targets) AS t
)
SELECT
  @key_of(metric, target_month, channel, region, segment, version)::VARCHAR AS target_id, -- key
  metric::VARCHAR AS metric, -- a name of the glossary
  target_month::DATE AS target_month, -- first of the month
  channel::VARCHAR AS channel, -- NULL: all
  region::VARCHAR AS region, -- NULL: all
  segment::VARCHAR AS segment, -- NULL: all
  version::VARCHAR AS version, -- of the growth model
  value::DECIMAL(18, 4) AS value, -- the target
  -- Versions are read as text, but for a number at their end: plan < plan-2 < plan-10, 2026-01 < 2026-02.
  (place = MAX(place) OVER (PARTITION BY metric, target_month))::BOOLEAN AS is_current -- of the latest version
FROM versioned;
