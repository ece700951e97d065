MODEL (
  name core.account,
  kind FULL,
  description 'A company: a CRM account, or a company known only by its domain (or, in files, its name).',
  owner revops,
  grain account_id,
  audits (not_null(columns := (account_id)), unique_values(columns := (account_id)))
);

WITH mentioned AS (
  SELECT account_id FROM prep.person_account
  UNION
  SELECT account_id FROM prep.deal WHERE account_id IS NOT NULL
),
named AS (
  -- How people of an account without a CRM record call it.
  SELECT pa.account_id, MIN(r.company) AS name, MIN(r.region) AS region, MIN(r.segment) AS segment, MIN(r.industry) AS industry
  FROM prep.person_account AS pa
  JOIN prep.identity AS i ON i.person_id = pa.person_id
  JOIN prep.person_record AS r ON r.record_id = i.node
  GROUP BY pa.account_id
)
SELECT
  a.account_id::VARCHAR AS account_id, -- CRM id, or domain:... or company:...
  a.name::VARCHAR AS name, -- the company's name
  a.domain::VARCHAR AS domain, -- host of its website
  a.region::VARCHAR AS region, -- AMER, EMEA or APAC
  a.segment::VARCHAR AS segment, -- company size segment
  a.industry::VARCHAR AS industry, -- industry
  a.owner::VARCHAR AS owner -- the account's owner
FROM staging.stg_salesforce__account AS a
JOIN prep.account_identity AS i ON i.crm_account_id = a.account_id AND i.account_id = a.account_id
UNION ALL
SELECT
  m.account_id,
  COALESCE(n.name, SUBSTR(m.account_id, LENGTH(SPLIT_PART(m.account_id, ':', 1)) + 2)),
  CASE WHEN m.account_id LIKE 'domain:%' THEN SUBSTR(m.account_id, 8) END,
  n.region,
  n.segment,
  n.industry,
  NULL
FROM mentioned AS m
LEFT JOIN named AS n ON n.account_id = m.account_id
WHERE m.account_id LIKE 'domain:%' OR m.account_id LIKE 'company:%';
