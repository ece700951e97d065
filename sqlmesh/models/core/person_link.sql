MODEL (
  name core.person_link,
  kind FULL,
  description 'Two identifiers that were tied together as one person, and why: every merge can be explained from here.',
  owner revops,
  grain (node_a, node_b, reason),
  depends_on (core.person),
  audits (
    not_null(columns := (person_id, node_a, node_b, reason)),
    unique_combination_of_columns(columns := (node_a, node_b, reason)),
    references_row(column := person_id, parent := core.person, parent_column := person_id)
  )
);

SELECT
  i.person_id::VARCHAR AS person_id, -- the person
  l.node_a::VARCHAR AS node_a, -- an identifier: system, kind and value
  l.node_b::VARCHAR AS node_b, -- another of the same person
  l.reason::VARCHAR AS reason -- why they are one
FROM prep.identity_link AS l
JOIN prep.identity AS i ON i.node = l.node_a
WHERE l.node_a <> l.node_b;
