MODEL (
  name prep.person_account,
  kind FULL,
  description 'The account of each person: by CRM id, else by company domain, else (files) by company name.',
  owner revops,
  grain person_id,
  audits (not_null(columns := (person_id, account_id, reason)), unique_values(columns := (person_id)))
);

WITH record AS (
  SELECT
    i.person_id,
    r.record_id,
    r.priority,
    r.created_at,
    a.account_id AS crm_account_id,
    CASE
      -- A page at a free host is no website of the company: then the address tells.
      WHEN w.domain IS NULL AND r.domain IS NOT NULL THEN r.domain
      WHEN e.domain IS NULL THEN SPLIT_PART(r.email, '@', 2)
    END AS domain,
    CASE WHEN r.source_system = 'files' THEN @slug(r.company) END AS company
  FROM prep.person_record AS r
  JOIN prep.identity AS i ON i.node = r.record_id
  LEFT JOIN prep.account_identity AS a ON a.crm_account_id = r.crm_account_id
  LEFT JOIN prep.excluded_domain AS w ON w.domain = r.domain
  LEFT JOIN prep.excluded_domain AS e ON e.domain = SPLIT_PART(r.email, '@', 2)
),
candidate AS (
  SELECT person_id, 1 AS place, priority, created_at, record_id, crm_account_id AS account_id, 'CRM account' AS reason
  FROM record
  WHERE crm_account_id IS NOT NULL
  UNION ALL
  SELECT r.person_id, 2, r.priority, r.created_at, r.record_id, COALESCE(o.account_id, 'domain:' || r.domain), 'company domain'
  FROM record AS r
  LEFT JOIN prep.domain_account AS o ON o.domain = r.domain
  WHERE r.domain <> ''
  UNION ALL
  SELECT person_id, 3, priority, created_at, record_id, 'company:' || company, 'company name'
  FROM record
  WHERE company IS NOT NULL
)
SELECT
  person_id::VARCHAR AS person_id, -- the person
  account_id::VARCHAR AS account_id, -- the account
  reason::VARCHAR AS reason -- what tied them
FROM candidate
QUALIFY ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY place, priority, created_at, record_id) = 1;
