MODEL (
  name core.target,
  kind FULL,
  description 'A growth-model target of a month; the latest version is current.',
  owner finance,
  grain target_id,
  audits (
    not_null(columns := (target_id, metric, target_month, is_current)),
    unique_values(columns := (target_id)),
    one_current_target(),
    same_row_count(other := staging.stg_files__targets)
  )
);

WITH named AS (
  SELECT
    *,
    REGEXP_REPLACE(COALESCE(version, ''), '[0-9]+$', '') AS name,
    -- A target that is stated again: the last file is believed, and in one file the higher number.
    ROW_NUMBER() OVER (
      PARTITION BY metric, target_month, channel, region, segment, version
      ORDER BY COALESCE(source_file, '') DESC, COALESCE(value, 0) DESC
    ) AS statement
  FROM staging.stg_files__targets
),
placed AS (
  -- Versions are read as text in small letters, but for a number at their end: plan < Plan-2 < plan-10, 2026-01 < 2026-02.
  SELECT
    *,
    LOWER(name) || CASE WHEN name <> COALESCE(version, '') THEN LPAD(SUBSTR(version, LENGTH(name) + 1), 20, '0') ELSE '' END AS place
  FROM named
),
versioned AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY metric, target_month ORDER BY place DESC, COALESCE(version, '') DESC) AS from_the_latest
  FROM placed
)
SELECT
  (
    @key_of(metric, target_month, channel, region, segment, version)
    || CASE WHEN statement > 1 THEN ':' || statement::VARCHAR ELSE '' END
  )::VARCHAR AS target_id, -- key; with a number where it is stated again
  metric::VARCHAR AS metric, -- a name of the glossary
  target_month::DATE AS target_month, -- first of the month
  channel::VARCHAR AS channel, -- NULL: all
  region::VARCHAR AS region, -- NULL: all
  segment::VARCHAR AS segment, -- NULL: all
  version::VARCHAR AS version, -- of the growth model
  value::DECIMAL(18, 4) AS value, -- the target
  (from_the_latest = 1 AND statement = 1)::BOOLEAN AS is_current -- of the latest version, and not stated again
FROM versioned;
