MODEL (
  name prep.account_identity,
  kind FULL,
  description 'Each Salesforce account and the one it lives on as: merge chains followed to their end.',
  owner revops,
  grain crm_account_id,
  audits (not_null(columns := (crm_account_id, account_id)), unique_values(columns := (crm_account_id)))
);

WITH ranked AS (
  SELECT
    a.account_id,
    c.component,
    ROW_NUMBER() OVER (
      PARTITION BY c.component
      ORDER BY CASE WHEN a.master_account_id IS NULL THEN 0 ELSE 1 END, CASE WHEN a.is_deleted THEN 1 ELSE 0 END, a.account_id
    ) AS place
  FROM staging.stg_salesforce__account AS a
  JOIN prep.identity_component AS c ON c.node = 'salesforce:account:' || a.account_id
)
SELECT
  r.account_id::VARCHAR AS crm_account_id, -- an account as Salesforce has it
  s.account_id::VARCHAR AS account_id -- the account that it is now
FROM ranked AS r
JOIN ranked AS s ON s.component = r.component AND s.place = 1;
