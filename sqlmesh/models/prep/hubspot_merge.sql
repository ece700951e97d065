MODEL (
  name prep.hubspot_merge,
  kind FULL,
  description 'HubSpot merges, one row a contact that went into another, from the list on the survivor.',
  owner marketing_ops,
  grain (survivor_node, merged_node),
  audits (not_null(columns := (survivor_node, merged_node)))
);

-- A survivor lists at most 50 ids here; the seven longest chains seen in practice stay far below.
SELECT DISTINCT
  'hubspot:contact:' || c.contact_id AS survivor_node, -- the contact that lives on
  'hubspot:contact:' || TRIM(SPLIT_PART(c.merged_contact_ids, ';', p.position)) AS merged_node -- the contact that went
FROM staging.stg_hubspot__contacts AS c
CROSS JOIN prep.position AS p
WHERE c.merged_contact_ids IS NOT NULL AND TRIM(SPLIT_PART(c.merged_contact_ids, ';', p.position)) <> '';
