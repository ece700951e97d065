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

-- A circle comes back to a campaign that is already on the way and ends there. Blanks tell the keys on it apart: none has one.
WITH RECURSIVE up AS (
  SELECT campaign_id, campaign_id AS ancestor_id, 0 AS depth, (' ' || campaign_id || ' ')::VARCHAR AS way
  FROM core.campaign
  UNION ALL
  SELECT u.campaign_id, c.parent_campaign_id, u.depth + 1, (u.way || c.parent_campaign_id || ' ')::VARCHAR
  FROM up AS u
  JOIN core.campaign AS c ON c.campaign_id = u.ancestor_id
  WHERE CHARINDEX(' ' || c.parent_campaign_id || ' ', u.way) = 0
)
SELECT
  campaign_id::VARCHAR AS campaign_id, -- the campaign
  ancestor_id::VARCHAR AS ancestor_id, -- itself or one above
  depth::INTEGER AS depth -- steps up
FROM up;
