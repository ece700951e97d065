MODEL (
  name core.campaign_ancestor,
  kind FULL,
  description 'A campaign and one of its ancestors; each is its own ancestor at depth 0.',
  owner marketing_ops,
  grain (campaign_id, ancestor_id),
  audits (
    not_null(columns := (campaign_id, ancestor_id, depth)),
    unique_combination_of_columns(columns := (campaign_id, ancestor_id)),
    references_row(column := ancestor_id, parent := core.campaign, parent_column := campaign_id)
  )
);

-- Up to twenty steps; a circle comes back to a campaign that is already on the way and ends there.
WITH RECURSIVE up AS (
  SELECT campaign_id, campaign_id AS ancestor_id, 0 AS depth
  FROM core.campaign
  UNION ALL
  SELECT u.campaign_id, c.parent_campaign_id, u.depth + 1
  FROM up AS u
  JOIN core.campaign AS c ON c.campaign_id = u.ancestor_id
  WHERE c.parent_campaign_id IS NOT NULL AND c.parent_campaign_id <> u.campaign_id AND u.depth < 20
)
SELECT
  campaign_id::VARCHAR AS campaign_id, -- the campaign
  ancestor_id::VARCHAR AS ancestor_id, -- itself or one above
  MIN(depth)::INTEGER AS depth -- steps up
FROM up
GROUP BY campaign_id, ancestor_id;
