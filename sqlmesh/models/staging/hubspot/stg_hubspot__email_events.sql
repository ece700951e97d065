MODEL (
  name staging.stg_hubspot__email_events,
  kind FULL,
  description 'Something that happened to a HubSpot e-mail at a recipient.',
  owner marketing_ops,
  grain event_id,
  audits (
    not_null(columns := (event_id)),
    unique_values(columns := (event_id)),
    same_row_count(other := raw.hubspot__email_events)
  )
);

SELECT
  id::VARCHAR AS event_id, -- HubSpot's id
  UPPER(@known(type))::VARCHAR AS event_type, -- SENT, DELIVERED, OPEN, CLICK, BOUNCE
  @normal_email(recipient)::VARCHAR AS email, -- lower case
  email_id::VARCHAR AS email_id, -- the mail
  occurred_at::TIMESTAMP AS occurred_at, -- UTC
  COALESCE(is_filtered, FALSE)::BOOLEAN AS is_bot -- HubSpot holds it for a machine
FROM raw.hubspot__email_events;
