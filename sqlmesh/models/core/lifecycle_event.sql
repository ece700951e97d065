MODEL (
  name core.lifecycle_event,
  kind FULL,
  description 'A person reaching a stage, first or again. Of the systems that tell it, the most credible one is believed.',
  owner revops,
  grain lifecycle_event_id,
  audits (
    not_null(columns := (lifecycle_event_id, person_id, stage, occurred_at, is_first)),
    unique_values(columns := (lifecycle_event_id)),
    unique_combination_of_columns(columns := (person_id, stage, occurred_at)),
    accepted_values(column := stage, is_in := ('lead', 'mql', 'sql', 'opportunity', 'customer')),
    one_first_event()
  )
);

WITH ranked AS (
  SELECT
    r.person_id,
    r.stage,
    r.occurred_at,
    r.source_system,
    COALESCE(s.priority, 9) AS priority,
    MIN(COALESCE(s.priority, 9)) OVER (PARTITION BY r.person_id, r.stage) AS best_priority
  FROM prep.lifecycle_record AS r
  LEFT JOIN seeds.stage_source AS s ON s.stage = r.stage AND s.source_system = r.source_system
),
believed AS (
  SELECT
    person_id,
    stage,
    occurred_at,
    MIN(source_system) AS source_system,
    ROW_NUMBER() OVER (PARTITION BY person_id, stage ORDER BY occurred_at) AS place
  FROM ranked
  WHERE priority = best_priority
  GROUP BY person_id, stage, occurred_at
)
SELECT
  @key_of(person_id, stage, occurred_at)::VARCHAR AS lifecycle_event_id, -- key
  person_id::VARCHAR AS person_id, -- who
  stage::VARCHAR AS stage, -- lead, mql, sql, opportunity or customer
  occurred_at::TIMESTAMP AS occurred_at, -- UTC
  (place = 1)::BOOLEAN AS is_first, -- the first time; later ones are recycles
  source_system::VARCHAR AS source_system -- who says so
FROM believed
-- A person becomes a lead once, however many records tell it.
WHERE stage <> 'lead' OR place = 1;
