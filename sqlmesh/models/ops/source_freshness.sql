MODEL (
  name ops.source_freshness,
  kind FULL,
  description 'A source system that is on: its last good load, its newest record, and how soon the next load is expected.',
  owner data_platform,
  grain source,
  audits (not_null(columns := (source)), unique_values(columns := (source)))
);

WITH load AS (
  SELECT source, status, finished_at, watermark, expected_hours,
    ROW_NUMBER() OVER (PARTITION BY source ORDER BY finished_at DESC, object) AS place
  FROM raw.source_run
)
SELECT
  source::VARCHAR AS source, -- the source system
  MAX(CASE WHEN status = 'ok' THEN finished_at END)::TIMESTAMP AS loaded_at, -- end of its last good load, UTC
  MAX(CASE WHEN status = 'ok' THEN watermark END)::TIMESTAMP AS newest_record_at, -- by the clock of the source; NULL: it has none
  MAX(CASE WHEN place = 1 THEN expected_hours END)::DECIMAL(18, 3) AS expected_hours -- within which the next good load is expected
FROM load
GROUP BY source
HAVING MAX(CASE WHEN place = 1 THEN status END) <> 'off';
