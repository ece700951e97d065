MODEL (
  name staging.stg_hubspot__emails,
  kind FULL,
  description 'HubSpot marketing e-mails.',
  owner marketing_ops,
  grain email_id,
  audits (
    not_null(columns := (email_id)),
    unique_values(columns := (email_id)),
    same_row_count(other := raw.hubspot__emails)
  )
);

SELECT
  id::VARCHAR AS email_id, -- HubSpot's id
  @known(name)::VARCHAR AS name, -- internal name
  @known(campaign_utm)::VARCHAR AS campaign -- its UTM campaign
FROM raw.hubspot__emails;
