MODEL (
  name prep.campaign_alias,
  kind FULL,
  description 'Former names of ad campaigns: touches that carry one belong to the campaign under its present name.',
  owner paid_media,
  grain alias,
  audits (not_null(columns := (alias, campaign_id)), unique_values(columns := (alias)))
);

WITH named AS (
  SELECT DISTINCT @slug(campaign) AS campaign_id, @slug(campaign_then) AS alias
  FROM prep.ad_day
),
present AS (
  SELECT DISTINCT campaign_id FROM named
)
SELECT
  n.alias::VARCHAR AS alias, -- a former name, as a key
  MIN(n.campaign_id)::VARCHAR AS campaign_id -- the present one
FROM named AS n
LEFT JOIN present AS p ON p.campaign_id = n.alias
-- A name that a campaign bears today is no former name; one that two campaigns bore leads nowhere.
WHERE n.alias <> n.campaign_id AND p.campaign_id IS NULL
GROUP BY n.alias
HAVING MIN(n.campaign_id) = MAX(n.campaign_id);
