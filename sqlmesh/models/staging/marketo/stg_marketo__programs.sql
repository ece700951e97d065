MODEL (
  name staging.stg_marketo__programs,
  kind FULL,
  description 'Marketo programs, the campaigns of Marketo.',
  owner marketing_ops,
  grain program_id,
  audits (
    not_null(columns := (program_id)),
    unique_values(columns := (program_id)),
    same_row_count(other := raw.marketo__programs)
  )
);

SELECT
  id::VARCHAR AS program_id, -- Marketo's id
  @known(name)::VARCHAR AS name, -- present name
  @known(type)::VARCHAR AS campaign_type, -- kind of program
  LOWER(@known(channel))::VARCHAR AS channel, -- Marketo's channel
  @known(utm_campaign)::VARCHAR AS utm_campaign, -- its UTM name
  start_date::DATE AS start_date, -- planned start
  end_date::DATE AS end_date -- planned end
FROM raw.marketo__programs;
