MODEL (
  name seeds.channel_rule,
  kind SEED (path '../../seeds/channel_rule.csv'),
  description 'Channel grouping: a value of a vendor field (lower case) and the channel it means.',
  owner marketing_ops,
  grain (field, value),
  columns (field VARCHAR, value VARCHAR, channel VARCHAR),
  depends_on (seeds.channel),
  audits (
    not_null(columns := (field, value, channel)),
    unique_combination_of_columns(columns := (field, value)),
    references_row(column := channel, parent := seeds.channel, parent_column := channel)
  )
);
