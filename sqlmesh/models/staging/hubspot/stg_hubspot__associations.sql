MODEL (
  name staging.stg_hubspot__associations,
  kind FULL,
  description 'Two HubSpot records that belong together.',
  owner revops,
  grain (from_object, from_id, to_object, to_id, label),
  audits (
    not_null(columns := (from_object, from_id, to_object, to_id)),
    unique_combination_of_columns(columns := (from_object, from_id, to_object, to_id, label)),
    same_row_count(other := raw.hubspot__associations)
  )
);

SELECT
  LOWER(from_object)::VARCHAR AS from_object, -- contacts or deals
  from_id::VARCHAR AS from_id, -- its id
  LOWER(to_object)::VARCHAR AS to_object, -- companies or contacts
  to_id::VARCHAR AS to_id, -- its id
  @known(label)::VARCHAR AS label -- Primary, or an own label
FROM raw.hubspot__associations;
