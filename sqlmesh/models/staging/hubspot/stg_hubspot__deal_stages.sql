MODEL (
  name staging.stg_hubspot__deal_stages,
  kind FULL,
  description 'A HubSpot deal entering a stage.',
  owner revops,
  grain (deal_id, stage_id, occurred_at),
  audits (
    not_null(columns := (deal_id, stage_id, occurred_at)),
    unique_combination_of_columns(columns := (deal_id, stage_id, occurred_at)),
    same_row_count(other := raw.hubspot__deal_stages)
  )
);

SELECT
  deal_id::VARCHAR AS deal_id, -- HubSpot's id
  stage::VARCHAR AS stage_id, -- the stage
  occurred_at::TIMESTAMP AS occurred_at -- UTC
FROM raw.hubspot__deal_stages;
