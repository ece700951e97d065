MODEL (
  name marts.session_day,
  kind FULL,
  description 'Rollup: Web sessions by channel, source, medium, campaign_id, started_day.',
  owner data_platform,
  grain (channel, source, medium, campaign_id, started_day),
  audits (unique_combination_of_columns(columns := (channel, source, medium, campaign_id, started_day)))
);

-- Written from semantic/glossary/rollups by `make docs`: change the YAML, not this file.
SELECT
  channel AS channel, -- channel of the rows
  source AS source, -- source of the rows
  medium AS medium, -- medium of the rows
  campaign_id AS campaign_id, -- campaign of the rows
  CAST(DATE_TRUNC('DAY', CAST(started_at AS TIMESTAMP)) AS DATE) AS started_day, -- the day of started_at
  COUNT(1) AS sessions, -- measure sessions
  CAST(SUM(CASE WHEN converted THEN 1 ELSE 0 END) AS BIGINT) AS conversions, -- measure conversions
  COUNT(*) AS _facts, -- rows that this one is made of
  'ff125fe915364a6a' AS _definition -- what the rollup was built from: the router reads no other
FROM core.web_session GROUP BY channel, source, medium, campaign_id, CAST(DATE_TRUNC('DAY', CAST(started_at AS TIMESTAMP)) AS DATE);
