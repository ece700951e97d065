MODEL (
  name ops.reconciliation,
  kind FULL,
  description 'What a source says in total against what the warehouse says, month by month.',
  owner revops,
  grain reconciliation_id,
  audits (
    not_null(columns := (reconciliation_id, source, object, measure, source_value, warehouse_value)),
    unique_values(columns := (reconciliation_id))
  )
);

WITH compared AS (
  SELECT 'linkedin_ads' AS source, 'analytics' AS object, 'spend' AS measure, DATE_TRUNC('month', spend_date) AS month,
    spend_original AS source_value, 0 AS warehouse_value
  FROM staging.stg_linkedin_ads__analytics
  UNION ALL
  SELECT platform, 'analytics', 'spend', DATE_TRUNC('month', spend_date), 0, spend_original
  FROM core.spend_day
  WHERE platform = 'linkedin_ads'
  UNION ALL
  SELECT 'salesforce', 'opportunity', 'won deals', DATE_TRUNC('month', close_date), 1, 0
  FROM staging.stg_salesforce__opportunity
  WHERE is_won AND NOT is_deleted
  UNION ALL
  SELECT 'salesforce', 'opportunity', 'won deals', DATE_TRUNC('month', o.close_date), 0, 1
  FROM core.opportunity AS o
  JOIN prep.deal AS d ON d.opportunity_id = o.opportunity_id
  WHERE o.is_won AND NOT o.is_deleted AND d.source_system = 'salesforce'
)
SELECT
  @key_of(source, object, measure, month::DATE)::VARCHAR AS reconciliation_id, -- key
  source::VARCHAR AS source, -- the source system
  object::VARCHAR AS object, -- what was compared
  measure::VARCHAR AS measure, -- how it was counted
  month::DATE AS month, -- first of the month
  SUM(source_value)::DECIMAL(18, 2) AS source_value, -- by the source
  SUM(warehouse_value)::DECIMAL(18, 2) AS warehouse_value, -- by the warehouse
  (SUM(warehouse_value) - SUM(source_value))::DECIMAL(18, 2) AS variance -- warehouse less source
FROM compared
GROUP BY source, object, measure, month;
