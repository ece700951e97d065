MODEL (
  name staging.stg_salesforce__opportunity_contact_role,
  kind FULL,
  description 'A contact on a Salesforce opportunity with a role.',
  owner revops,
  grain role_id,
  audits (
    not_null(columns := (role_id)),
    unique_values(columns := (role_id)),
    same_row_count(other := raw.salesforce__opportunity_contact_role)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS role_id, -- 18 characters
  @salesforce_id(opportunity_id)::VARCHAR AS opportunity_id, -- the deal
  @salesforce_id(contact_id)::VARCHAR AS contact_id, -- the contact
  @known(role)::VARCHAR AS role, -- as in Salesforce
  COALESCE(is_primary, FALSE)::BOOLEAN AS is_primary, -- the main contact
  created_date::TIMESTAMP AS created_at, -- when the role was given, UTC
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- taken away
FROM raw.salesforce__opportunity_contact_role;
