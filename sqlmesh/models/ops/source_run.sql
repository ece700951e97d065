MODEL (
  name ops.source_run,
  kind FULL,
  description 'A load of an object from a source.',
  owner data_platform,
  grain (run_id, source, object),
  audits (not_null(columns := (run_id, source, object, status)), unique_combination_of_columns(columns := (run_id, source, object)))
);

SELECT
  run_id::VARCHAR AS run_id, -- the load
  source::VARCHAR AS source, -- the source system
  object::VARCHAR AS object, -- what was loaded
  started_at::TIMESTAMP AS started_at, -- UTC
  finished_at::TIMESTAMP AS finished_at, -- UTC
  status::VARCHAR AS status, -- ok, failed or off
  rows::BIGINT AS rows, -- landed
  requests::BIGINT AS requests, -- sent to the source
  seconds::DECIMAL(18, 3) AS seconds, -- it took
  watermark::TIMESTAMP AS watermark, -- the newest record seen, by the source's clock
  error::VARCHAR AS error, -- what went wrong
  expected_hours::DECIMAL(18, 3) AS expected_hours -- within which the next good load was expected
FROM raw.source_run;
