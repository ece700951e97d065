MODEL (
  name prep.campaign_alias,
  kind FULL,
  description 'Names under which a campaign is recorded besides its own: former names that its ad platform tells, and those that people approved. What carries one belongs to the campaign.',
  owner paid_media,
  grain alias,
  audits (not_null(columns := (alias, campaign_id, name)), unique_values(columns := (alias)))
);

WITH named AS (
  SELECT DISTINCT @slug(campaign) AS campaign_id, @slug(campaign_then) AS alias, campaign AS name
  FROM prep.ad_day
),
present AS (
  SELECT DISTINCT campaign_id FROM named
),
approved AS (
  SELECT alias, @slug(value) AS campaign_id, value AS name
  FROM prep.value_mapping
  WHERE kind = 'campaign'
),
former AS (
  SELECT n.alias, MIN(n.campaign_id) AS campaign_id, MIN(n.name) AS name
  FROM named AS n
  LEFT JOIN present AS p ON p.campaign_id = n.alias
  -- A name that a campaign bears today is no former name; one that two campaigns bore leads nowhere.
  WHERE n.alias <> n.campaign_id AND p.campaign_id IS NULL
    -- What people decided goes before what a platform tells: neither their words nor the campaigns they chose are renamed.
    AND n.alias NOT IN (SELECT alias FROM approved)
    AND n.alias NOT IN (SELECT campaign_id FROM approved)
  GROUP BY n.alias
  HAVING MIN(n.campaign_id) = MAX(n.campaign_id)
)
SELECT
  f.alias::VARCHAR AS alias, -- another name, as a key
  COALESCE(a.campaign_id, f.campaign_id)::VARCHAR AS campaign_id, -- the campaign
  COALESCE(a.name, f.name)::VARCHAR AS name, -- how the campaign is written there
  (a.alias IS NOT NULL)::BOOLEAN AS is_approved -- people said so; else its platform
FROM former AS f
LEFT JOIN approved AS a ON a.alias = f.campaign_id
UNION ALL
SELECT alias, campaign_id, name, TRUE FROM approved;
