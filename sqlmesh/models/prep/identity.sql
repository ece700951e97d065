MODEL (
  name prep.identity,
  kind FULL,
  description 'Each identifier of a person and whose it is. The id of a person is made of the smallest record of the group.',
  owner revops,
  grain node,
  audits (not_null(columns := (node, person_id)), unique_values(columns := (node)))
);

WITH anchor AS (
  SELECT c.component, MIN(r.record_id) AS record_id
  FROM prep.identity_component AS c
  JOIN prep.person_record AS r ON r.record_id = c.node
  GROUP BY c.component
),
linked AS (
  SELECT c.node, a.record_id
  FROM prep.identity_component AS c
  JOIN anchor AS a ON a.component = c.component
),
shared AS (
  -- A shared address still leads to somebody while exactly one person uses it.
  SELECT 'email:' || r.email AS node, MIN(l.record_id) AS record_id
  FROM prep.person_record AS r
  JOIN seeds.shared_inbox AS s ON s.local_part = SPLIT_PART(SPLIT_PART(r.email, '@', 1), '+', 1)
  JOIN linked AS l ON l.node = r.record_id
  GROUP BY r.email
  HAVING MIN(l.record_id) = MAX(l.record_id)
)
SELECT
  node::VARCHAR AS node, -- an identifier: system, kind and value
  ('p_' || SUBSTR(MD5(record_id), 1, 20))::VARCHAR AS person_id, -- the person it belongs to
  record_id::VARCHAR AS anchor_record_id -- the record that names the person
FROM (
  SELECT node, record_id FROM linked
  UNION ALL
  SELECT node, record_id FROM shared WHERE node NOT IN (SELECT node FROM linked)
) AS found;
