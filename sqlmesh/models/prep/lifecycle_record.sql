MODEL (
  name prep.lifecycle_record,
  kind FULL,
  description 'What every system says of people reaching a stage, before the most credible is chosen.',
  owner revops,
  grain (person_id, stage, source_system, occurred_at),
  audits (
    not_null(columns := (person_id, stage, source_system, occurred_at)),
    unique_combination_of_columns(columns := (person_id, stage, source_system, occurred_at)),
    accepted_values(column := stage, is_in := ('lead', 'mql', 'sql', 'opportunity', 'customer'))
  )
);

WITH named AS (
  SELECT 'hubspot' AS source_system, 'hubspot:contact:' || contact_id AS node, stage, occurred_at
  FROM staging.stg_hubspot__contact_lifecycle
  UNION ALL
  SELECT source_system, record_id, 'lead', created_at FROM prep.person_record
  UNION ALL
  SELECT 'salesforce', 'salesforce:lead:' || lead_id, 'sql', accepted_at FROM staging.stg_salesforce__lead
  UNION ALL
  SELECT 'marketo', 'marketo:lead:' || lead_id, 'mql', mql_at FROM staging.stg_marketo__leads
  UNION ALL
  -- The deals tell the later stages; these two also when they are reached again.
  SELECT 'marketo', 'marketo:lead:' || lead_id, stage, occurred_at
  FROM staging.stg_marketo__lead_stages
  WHERE stage IN ('mql', 'sql')
  UNION ALL
  SELECT 'files', 'files:lead:' || lead_id, 'mql', mql_at FROM staging.stg_files__leads
  UNION ALL
  SELECT 'files', 'files:lead:' || lead_id, 'sql', sql_at FROM staging.stg_files__leads
)
SELECT DISTINCT
  person_id::VARCHAR AS person_id, -- the person
  stage::VARCHAR AS stage, -- lead, mql, sql, opportunity or customer
  source_system::VARCHAR AS source_system, -- who says so
  occurred_at::TIMESTAMP AS occurred_at -- UTC
FROM (
  SELECT i.person_id, n.stage, n.source_system, n.occurred_at
  FROM named AS n
  JOIN prep.identity AS i ON i.node = n.node
  UNION ALL
  SELECT person_id, 'opportunity', source_system, created_at FROM prep.deal WHERE NOT is_deleted
  UNION ALL
  SELECT person_id, 'customer', source_system, closed_at FROM prep.deal WHERE is_won AND NOT is_deleted
) AS said
WHERE person_id IS NOT NULL AND occurred_at IS NOT NULL;
