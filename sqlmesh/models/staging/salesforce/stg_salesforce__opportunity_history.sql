MODEL (
  name staging.stg_salesforce__opportunity_history,
  kind FULL,
  description 'A Salesforce opportunity entering a stage or changing its amount.',
  owner revops,
  grain history_id,
  audits (
    not_null(columns := (history_id)),
    unique_values(columns := (history_id)),
    same_row_count(other := raw.salesforce__opportunity_history)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS history_id, -- 18 characters
  @salesforce_id(opportunity_id)::VARCHAR AS opportunity_id, -- the deal
  @known(stage_name)::VARCHAR AS stage, -- from then on
  amount::DECIMAL(18, 2) AS amount, -- from then on, in the currency of the deal
  created_date::TIMESTAMP AS changed_at, -- UTC
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- removed with its deal
FROM raw.salesforce__opportunity_history;
