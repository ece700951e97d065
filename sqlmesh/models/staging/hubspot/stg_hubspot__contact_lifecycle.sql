MODEL (
  name staging.stg_hubspot__contact_lifecycle,
  kind FULL,
  description 'A HubSpot contact entering one of our five stages; other stages of HubSpot are left out.',
  owner marketing_ops,
  grain (contact_id, stage, occurred_at),
  audits (
    not_null(columns := (contact_id, stage, occurred_at)),
    unique_combination_of_columns(columns := (contact_id, stage, occurred_at)),
    accepted_values(column := stage, is_in := ('lead', 'mql', 'sql', 'opportunity', 'customer'))
  )
);

SELECT DISTINCT
  contact_id::VARCHAR AS contact_id, -- HubSpot's record id
  CASE LOWER(stage)
    WHEN 'lead' THEN 'lead'
    WHEN 'marketingqualifiedlead' THEN 'mql'
    WHEN 'salesqualifiedlead' THEN 'sql'
    WHEN 'opportunity' THEN 'opportunity'
    WHEN 'customer' THEN 'customer'
  END::VARCHAR AS stage, -- lead, mql, sql, opportunity or customer
  occurred_at::TIMESTAMP AS occurred_at -- when the stage was entered, UTC
FROM raw.hubspot__contact_lifecycle
WHERE LOWER(stage) IN ('lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer');
