MODEL (
  name core.person_identifier,
  kind FULL,
  description 'An identifier, the person it belongs to, and why.',
  owner revops,
  grain (identifier_kind, identifier),
  depends_on (core.person),
  audits (
    not_null(columns := (identifier_kind, identifier, person_id, reason)),
    unique_combination_of_columns(columns := (identifier_kind, identifier)),
    references_row(column := person_id, parent := core.person, parent_column := person_id)
  )
);

WITH why AS (
  SELECT node_b AS node, reason FROM prep.identity_link
  UNION ALL
  SELECT node_a, reason FROM prep.identity_link
),
reasons AS (
  -- A record's link to itself explains nothing where there is another reason.
  SELECT node, COALESCE(MIN(CASE WHEN reason <> 'own record' THEN reason END), 'own record') AS reason
  FROM why
  GROUP BY node
)
SELECT
  CASE
    WHEN SPLIT_PART(i.node, ':', 1) IN ('email', 'cookie', 'user') THEN SPLIT_PART(i.node, ':', 1)
    ELSE SPLIT_PART(i.node, ':', 1) || '_' || SPLIT_PART(i.node, ':', 2)
  END::VARCHAR AS identifier_kind, -- email, cookie, user, hubspot_contact, salesforce_lead, ...
  CASE
    WHEN SPLIT_PART(i.node, ':', 1) IN ('email', 'cookie', 'user') THEN SUBSTR(i.node, LENGTH(SPLIT_PART(i.node, ':', 1)) + 2)
    ELSE SUBSTR(i.node, LENGTH(SPLIT_PART(i.node, ':', 1)) + LENGTH(SPLIT_PART(i.node, ':', 2)) + 3)
  END::VARCHAR AS identifier, -- the address or id
  i.person_id::VARCHAR AS person_id, -- whose it is
  COALESCE(r.reason, 'only user of a shared inbox')::VARCHAR AS reason, -- why it was tied to the person
  CASE
    WHEN i.node LIKE 'email:%' THEN NULL
    WHEN SPLIT_PART(i.node, ':', 1) IN ('cookie', 'user') THEN 'ga4'
    ELSE SPLIT_PART(i.node, ':', 1)
  END::VARCHAR AS source_system -- whose id it is
FROM prep.identity AS i
LEFT JOIN reasons AS r ON r.node = i.node;
