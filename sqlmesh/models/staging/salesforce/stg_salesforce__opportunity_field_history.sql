MODEL (
  name staging.stg_salesforce__opportunity_field_history,
  kind FULL,
  description 'A field of a Salesforce opportunity changing its value; values are text, as Salesforce keeps them.',
  owner revops,
  grain change_id,
  audits (
    not_null(columns := (change_id)),
    unique_values(columns := (change_id)),
    same_row_count(other := raw.salesforce__opportunity_field_history)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS change_id, -- 18 characters
  @salesforce_id(opportunity_id)::VARCHAR AS opportunity_id, -- the deal
  @known(field)::VARCHAR AS field, -- its name in Salesforce
  @known(old_value)::VARCHAR AS old_value, -- before; NULL where it was blank
  @known(new_value)::VARCHAR AS new_value, -- from then on; NULL where it was cleared
  created_date::TIMESTAMP AS changed_at, -- UTC
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- removed with its deal
FROM raw.salesforce__opportunity_field_history;
