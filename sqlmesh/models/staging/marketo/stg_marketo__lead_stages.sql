MODEL (
  name staging.stg_marketo__lead_stages,
  kind FULL,
  description 'A Marketo lead entering one of our five stages, by the names that are common; others are left out.',
  owner marketing_ops,
  grain (lead_id, stage, occurred_at),
  audits (
    not_null(columns := (lead_id, stage, occurred_at)),
    unique_combination_of_columns(columns := (lead_id, stage, occurred_at)),
    accepted_values(column := stage, is_in := ('lead', 'mql', 'sql', 'opportunity', 'customer'))
  )
);

SELECT DISTINCT
  lead_id::VARCHAR AS lead_id, -- Marketo's id
  CASE
    WHEN LOWER(TRIM(stage)) IN ('mql', 'marketing qualified', 'marketing qualified lead') THEN 'mql'
    WHEN LOWER(TRIM(stage)) IN ('sql', 'sales qualified', 'sales qualified lead', 'sales accepted lead') THEN 'sql'
    WHEN LOWER(TRIM(stage)) IN ('customer', 'won') THEN 'customer'
    ELSE LOWER(TRIM(stage))
  END::VARCHAR AS stage, -- lead, mql, sql, opportunity or customer
  occurred_at::TIMESTAMP AS occurred_at -- when the stage was entered, UTC
FROM raw.marketo__lead_stages
WHERE
  LOWER(TRIM(stage)) IN (
    'lead', 'mql', 'marketing qualified', 'marketing qualified lead', 'sql', 'sales qualified',
    'sales qualified lead', 'sales accepted lead', 'opportunity', 'customer', 'won'
  );
