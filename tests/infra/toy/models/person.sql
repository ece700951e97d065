/* One row is a person. */
MODEL (
  name core.person,
  kind FULL,
  grain person_id
);

SELECT
  id::TEXT AS person_id /* The person. */
FROM raw.hubspot__contacts
