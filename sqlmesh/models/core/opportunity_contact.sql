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

WITH candidate AS (
  SELECT
    opportunity_id,
    person_id,
    NULL AS role,
    TRUE AS is_primary,
    CASE WHEN source_system = 'files' THEN 'deal' ELSE 'primary' END AS mapping,
    1 AS place
  FROM prep.deal
  WHERE person_id IS NOT NULL
  UNION ALL
  SELECT d.opportunity_id, pa.person_id, NULL, FALSE, 'account', 3
  FROM prep.deal AS d
  JOIN prep.person_account AS pa ON pa.account_id = d.account_id
  WHERE @opportunity_contact_mapping IN ('role', 'account')
)
SELECT
  opportunity_id::VARCHAR AS opportunity_id, -- the deal
  person_id::VARCHAR AS person_id, -- the person
  role::VARCHAR AS role, -- as in the CRM
  is_primary::BOOLEAN AS is_primary, -- leads the deal
  mapping::VARCHAR AS mapping -- how the person came to the deal
FROM candidate
QUALIFY ROW_NUMBER() OVER (PARTITION BY opportunity_id, person_id ORDER BY place) = 1;
