MODEL (
  name seeds.shared_inbox,
  kind SEED (path '../../seeds/shared_inbox.csv'),
  description 'The part before the @ of addresses that several people read: such an address identifies nobody.',
  owner revops,
  grain local_part,
  columns (local_part VARCHAR),
  audits (not_null(columns := (local_part)), unique_values(columns := (local_part)))
);
