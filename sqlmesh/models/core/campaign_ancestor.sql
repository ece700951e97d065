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

SELECT
  campaign_id::VARCHAR AS campaign_id, -- the campaign
  campaign_id::VARCHAR AS ancestor_id, -- itself or one above
  0::INTEGER AS depth -- steps up
FROM core.campaign
UNION ALL
SELECT c.campaign_id, c.parent_campaign_id, 1
FROM core.campaign AS c
WHERE c.parent_campaign_id IS NOT NULL AND c.parent_campaign_id <> c.campaign_id;
