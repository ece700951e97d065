MODEL (
  name staging.stg_salesforce__user,
  kind FULL,
  description 'Salesforce users by their present names: a record keeps the name that its owner had when the record last changed.',
  owner revops,
  grain owner_id,
  audits (
    not_null(columns := (owner_id, name)),
    unique_values(columns := (owner_id)),
    same_row_count(other := raw.salesforce__user)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS owner_id, -- 18 characters
  COALESCE(@known(name), @known(email), @salesforce_id(id))::VARCHAR AS name -- the name, else the address, else the id
FROM raw.salesforce__user;
