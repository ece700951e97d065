MODEL (
  name seeds.channel,
  kind SEED (path '../../seeds/channel.csv'),
  description 'The marketing channels, and whether a touch of one is marketing (it decides what marketing-sourced means).',
  owner marketing_ops,
  grain channel,
  columns (channel VARCHAR, label VARCHAR, is_marketing BOOLEAN, is_direct BOOLEAN),
  audits (not_null(columns := (channel, is_marketing)), unique_values(columns := (channel)))
);
