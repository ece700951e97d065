MODEL (
  name staging.stg_files__targets,
  kind FULL,
  description 'Growth-model targets from files, with those that are stated again.',
  owner finance,
  grain (metric, target_month, channel, region, segment, version),
  audits (
    not_null(columns := (metric, target_month)),
    same_row_count(other := raw.files__targets)
  )
);

SELECT
  LOWER(@known(metric))::VARCHAR AS metric, -- a name of the glossary
  DATE_TRUNC('month', target_month)::DATE AS target_month, -- first of the month
  @known(channel)::VARCHAR AS channel, -- NULL: all
  @known(region)::VARCHAR AS region, -- NULL: all
  @known(segment)::VARCHAR AS segment, -- NULL: all
  @known(version)::VARCHAR AS version, -- of the growth model
  value::DECIMAL(18, 4) AS value, -- the target
  _source_file::VARCHAR AS source_file -- where it stands
FROM raw.files__targets;
