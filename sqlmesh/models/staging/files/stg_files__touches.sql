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
  touch_id::VARCHAR AS touch_id, -- id in the file
  @known(lead_id)::VARCHAR AS lead_id, -- the lead, where known
  @normal_email(email)::VARCHAR AS email, -- the address, where known
  occurred_at::TIMESTAMP AS occurred_at, -- UTC
  @known(channel)::VARCHAR AS channel, -- blank is NULL
  @known(source)::VARCHAR AS source, -- source
  @known(medium)::VARCHAR AS medium, -- medium
  @known(campaign)::VARCHAR AS campaign, -- campaign name
  @known(content)::VARCHAR AS content, -- asset
  @known(content_type)::VARCHAR AS content_type, -- kind of asset
  LOWER(@known(kind))::VARCHAR AS kind -- visit, attended, responded, sent, ...
FROM raw.files__touches;
