MODEL (
  name staging.stg_files__touches,
  kind FULL,
  description 'Touches from files: offline events and exports.',
  owner marketing_ops,
  grain touch_id,
  audits (
    not_null(columns := (touch_id)),
    unique_values(columns := (touch_id)),
    same_row_count(other := raw.files__touches)
  )
);

SELECT
  f.touch_id::VARCHAR AS touch_id, -- id in the file
  @known(f.lead_id)::VARCHAR AS lead_id, -- the lead, where known
  @normal_email(f.email)::VARCHAR AS email, -- the address, where known
  f.occurred_at::TIMESTAMP AS occurred_at, -- UTC
  @known(f.channel)::VARCHAR AS channel, -- blank is NULL
  COALESCE(vs.value, @utm(f.source))::VARCHAR AS source, -- source, by the approved mapping
  COALESCE(vm.value, @utm(f.medium))::VARCHAR AS medium, -- medium, by the approved mapping
  @known(f.source)::VARCHAR AS source_raw, -- as the file has it
  @known(f.medium)::VARCHAR AS medium_raw, -- as the file has it
  @utm_campaign(f.campaign)::VARCHAR AS campaign, -- campaign name
  @known(f.content)::VARCHAR AS content, -- asset
  @known(f.content_type)::VARCHAR AS content_type, -- kind of asset
  LOWER(@known(f.kind))::VARCHAR AS kind -- visit, attended, responded, sent, ...
FROM raw.files__touches AS f
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(f.source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(f.medium));
