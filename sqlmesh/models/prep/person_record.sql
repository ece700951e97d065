MODEL (
  name prep.person_record,
  kind FULL,
  description 'What every system says of a person, in one shape, before anybody is recognised as the same.',
  owner revops,
  grain record_id,
  audits (not_null(columns := (record_id, source_system, priority)), unique_values(columns := (record_id)))
);

WITH merged_away AS (
  -- HubSpot archives a contact when it merges it into another: that is not a deletion of the person.
  SELECT DISTINCT merged_node FROM prep.hubspot_merge
)
SELECT
  'hubspot:contact:' || c.contact_id AS record_id, -- system, kind and id
  'hubspot' AS source_system, -- where the record lives
  1 AS priority, -- whose word counts first on attributes
  c.email::VARCHAR AS email, -- lower case
  c.salesforce_account_id::VARCHAR AS crm_account_id, -- Salesforce account, where known
  c.company::VARCHAR AS company, -- as typed
  c.domain::VARCHAR AS domain, -- of the company's website
  c.created_at::TIMESTAMP AS created_at, -- UTC
  c.channel::VARCHAR AS channel, -- original source
  c.source::VARCHAR AS source, -- original source
  c.medium::VARCHAR AS medium, -- original medium
  c.campaign::VARCHAR AS campaign, -- original campaign
  c.content::VARCHAR AS content, -- first asset
  c.region::VARCHAR AS region, -- region
  c.segment::VARCHAR AS segment, -- company size segment
  c.industry::VARCHAR AS industry, -- of the company
  c.owner::VARCHAR AS owner, -- who works the record
  (c.is_archived AND m.merged_node IS NULL)::BOOLEAN AS is_deleted, -- removed or forgotten
  (m.merged_node IS NOT NULL)::BOOLEAN AS is_merged -- merged into another record
FROM staging.stg_hubspot__contacts AS c
LEFT JOIN merged_away AS m ON m.merged_node = 'hubspot:contact:' || c.contact_id
UNION ALL
SELECT
  'salesforce:lead:' || lead_id,
  'salesforce',
  3,
  email,
  account_id,
  company,
  domain,
  created_at,
  channel,
  NULL,
  NULL,
  NULL,
  NULL,
  region,
  segment,
  industry,
  owner,
  is_deleted AND master_lead_id IS NULL,
  master_lead_id IS NOT NULL
FROM staging.stg_salesforce__lead
UNION ALL
SELECT
  'salesforce:contact:' || contact_id,
  'salesforce',
  4,
  email,
  account_id,
  NULL,
  NULL,
  created_at,
  channel,
  NULL,
  NULL,
  NULL,
  NULL,
  NULL,
  NULL,
  NULL,
  owner,
  is_deleted AND master_contact_id IS NULL,
  master_contact_id IS NOT NULL
FROM staging.stg_salesforce__contact
UNION ALL
SELECT
  'marketo:lead:' || l.lead_id,
  'marketo',
  2,
  l.email,
  l.salesforce_account_id,
  l.company,
  l.domain,
  l.created_at,
  l.channel,
  l.source,
  l.medium,
  l.campaign,
  NULL,
  l.region,
  l.segment,
  l.industry,
  NULL,
  FALSE,
  m.loser_id IS NOT NULL
FROM staging.stg_marketo__leads AS l
LEFT JOIN staging.stg_marketo__lead_merges AS m ON m.loser_id = l.lead_id
UNION ALL
SELECT
  'files:lead:' || lead_id,
  'files',
  5,
  email,
  NULL,
  company,
  domain,
  created_at,
  channel,
  source,
  medium,
  campaign,
  content,
  region,
  segment,
  industry,
  owner,
  is_deleted,
  FALSE
FROM staging.stg_files__leads;
