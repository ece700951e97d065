MODEL (
  name core.opportunity_contact,
  kind FULL,
  description 'A person on a deal: by contact role, else everybody of the account (a setting), and always the one who leads it.',
  owner revops,
  grain (opportunity_id, person_id),
  depends_on (core.person),
  audits (
    not_null(columns := (opportunity_id, person_id, is_primary, mapping)),
    unique_combination_of_columns(columns := (opportunity_id, person_id)),
    accepted_values(column := mapping, is_in := ('role', 'account', 'primary', 'deal')),
    references_row(column := person_id, parent := core.person, parent_column := person_id)
  )
);

WITH role AS (
  SELECT
    r.opportunity_id,
    i.person_id,
    MIN(r.role) AS role,
    MAX(CASE WHEN r.is_primary THEN 1 ELSE 0 END) = 1 AS is_primary
  FROM staging.stg_salesforce__opportunity_contact_role AS r
  JOIN prep.identity AS i ON i.node = 'salesforce:contact:' || r.contact_id
  WHERE NOT r.is_deleted
  GROUP BY r.opportunity_id, i.person_id
),
candidate AS (
  SELECT
    opportunity_id,
    person_id,
    NULL AS role,
    TRUE AS is_primary,
    CASE WHEN source_system = 'files' THEN 'deal' ELSE 'primary' END AS mapping,
    1 AS place
  FROM prep.deal
  WHERE person_id IS NOT NULL
    AND NOT (@opportunity_contact_mapping = 'primary' AND opportunity_id IN (SELECT opportunity_id FROM role WHERE is_primary))
  UNION ALL
  SELECT d.opportunity_id, r.person_id, r.role, r.is_primary, 'role', 2
  FROM prep.deal AS d
  JOIN role AS r ON r.opportunity_id = d.opportunity_id
  WHERE @opportunity_contact_mapping = 'role' OR (@opportunity_contact_mapping = 'primary' AND r.is_primary)
  UNION ALL
  SELECT d.opportunity_id, pa.person_id, NULL, FALSE, 'account', 3
  FROM prep.deal AS d
  JOIN prep.person_account AS pa ON pa.account_id = d.account_id
  LEFT JOIN (SELECT DISTINCT opportunity_id FROM role) AS r ON r.opportunity_id = d.opportunity_id
  WHERE @opportunity_contact_mapping = 'account' OR (@opportunity_contact_mapping = 'role' AND r.opportunity_id IS NULL)
)
SELECT
  opportunity_id::VARCHAR AS opportunity_id, -- the deal
  person_id::VARCHAR AS person_id, -- the person
  MAX(role) OVER (PARTITION BY opportunity_id, person_id)::VARCHAR AS role, -- as in the CRM
  is_primary::BOOLEAN AS is_primary, -- leads the deal
  mapping::VARCHAR AS mapping -- how the person came to the deal
FROM candidate
QUALIFY ROW_NUMBER() OVER (PARTITION BY opportunity_id, person_id ORDER BY place) = 1;
