MODEL (
  name staging.stg_hubspot__owners,
  kind FULL,
  description 'HubSpot owners by the name that Salesforce has for them too.',
  owner revops,
  grain owner_id,
  audits (
    not_null(columns := (owner_id, name)),
    unique_values(columns := (owner_id)),
    same_row_count(other := raw.hubspot__owners)
  )
);

SELECT
  id::VARCHAR AS owner_id, -- HubSpot's id
  COALESCE(
    @known(COALESCE(first_name, '') || ' ' || COALESCE(last_name, '')), @known(email), id
  )::VARCHAR AS name -- first and last name, else the address, else the id
FROM raw.hubspot__owners;
