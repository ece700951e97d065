MODEL (
  name staging.stg_hubspot__pipelines,
  kind FULL,
  description 'A stage of a HubSpot deal pipeline.',
  owner revops,
  grain (pipeline_id, stage_id),
  audits (
    not_null(columns := (pipeline_id, stage_id)),
    unique_combination_of_columns(columns := (pipeline_id, stage_id)),
    same_row_count(other := raw.hubspot__pipelines)
  )
);

SELECT
  pipeline_id::VARCHAR AS pipeline_id, -- the pipeline
  stage_id::VARCHAR AS stage_id, -- the stage
  @known(stage_label)::VARCHAR AS stage, -- the stage's name
  COALESCE(is_closed, FALSE)::BOOLEAN AS is_closed, -- won or lost
  COALESCE(is_closed AND probability = 100, FALSE)::BOOLEAN AS is_won -- won: closed, and certain
FROM raw.hubspot__pipelines;
