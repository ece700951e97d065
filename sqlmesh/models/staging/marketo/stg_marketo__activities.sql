MODEL (
  name staging.stg_marketo__activities,
  kind FULL,
  description 'Activities of Marketo leads.',
  owner marketing_ops,
  grain activity_id,
  audits (
    not_null(columns := (activity_id)),
    unique_values(columns := (activity_id)),
    same_row_count(other := raw.marketo__activities)
  )
);

SELECT
  id::VARCHAR AS activity_id, -- Marketo's id
  lead_id::VARCHAR AS lead_id, -- the lead
  LOWER(@known(activity_type))::VARCHAR AS activity_type, -- fill out form, click email, ...
  occurred_at::TIMESTAMP AS occurred_at, -- UTC
  @known(program_id)::VARCHAR AS program_id, -- the program
  @known(asset_name)::VARCHAR AS asset -- form, mail or page
FROM raw.marketo__activities;
