MODEL (
  name prep.domain_account,
  kind FULL,
  description 'The account that a company domain belongs to. One domain may be the website of two accounts: the older one has it.',
  owner revops,
  grain domain,
  audits (not_null(columns := (domain, account_id)), unique_values(columns := (domain)))
);

WITH claim AS (
  SELECT domain, account_id, 1 AS place, created_at
  FROM staging.stg_salesforce__account
  WHERE domain IS NOT NULL AND master_account_id IS NULL AND NOT is_deleted
  UNION ALL
  -- Further domains of an account: those that only people of this one account write from.
  SELECT d.domain, MIN(d.account_id), 2, NULL
  FROM (
    SELECT SPLIT_PART(r.email, '@', 2) AS domain, a.account_id
    FROM prep.person_record AS r
    JOIN prep.account_identity AS a ON a.crm_account_id = r.crm_account_id
    WHERE r.email IS NOT NULL
  ) AS d
  GROUP BY d.domain
  HAVING MIN(d.account_id) = MAX(d.account_id)
)
SELECT
  c.domain::VARCHAR AS domain, -- lower case
  c.account_id::VARCHAR AS account_id -- the account
FROM claim AS c
LEFT JOIN prep.excluded_domain AS x ON x.domain = c.domain
WHERE x.domain IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY c.domain ORDER BY c.place, c.created_at, c.account_id) = 1;
