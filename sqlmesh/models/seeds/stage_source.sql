MODEL (
  name seeds.stage_source,
  kind SEED (path '../../seeds/stage_source.csv'),
  description 'Which system is believed about a lifecycle stage: of the systems that know it of a person, the lowest priority.',
  owner revops,
  grain (stage, source_system),
  columns (stage VARCHAR, source_system VARCHAR, priority INTEGER),
  audits (
    not_null(columns := (stage, source_system, priority)),
    unique_combination_of_columns(columns := (stage, source_system))
  )
);
