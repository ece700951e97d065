MODEL (
  name ops.audit_finding,
  kind FULL,
  description 'Rows that break a rule. They are counted in the numbers and reported here, never dropped in silence.',
  owner revops,
  grain finding_id,
  audits (
    not_null(columns := (finding_id, rule, severity, entity, entity_id, found_at)),
    unique_values(columns := (finding_id)),
    accepted_values(column := severity, is_in := ('error', 'warning', 'info'))
  )
);

WITH finding AS (
  SELECT 'won_before_first_contact' AS rule, 'warning' AS severity, 'opportunity' AS entity, o.opportunity_id AS entity_id,
    'won ' || o.closed_at::VARCHAR || ', first contact ' || p.created_at::VARCHAR AS detail
  FROM core.opportunity AS o
  JOIN core.person AS p ON p.person_id = o.person_id
  WHERE o.is_won AND @end_of_closing(o.closed_at) <= p.created_at
  UNION ALL
  SELECT 'closed_before_created', 'warning', 'opportunity', opportunity_id,
    'closed ' || close_date::VARCHAR || ', created ' || created_date::VARCHAR
  FROM core.opportunity
  WHERE is_closed AND close_date < created_date
  UNION ALL
  SELECT 'won_without_amount', 'warning', 'opportunity', opportunity_id, 'no amount: counts as a deal, adds no revenue'
  FROM core.opportunity
  WHERE is_won AND NOT is_deleted AND amount IS NULL
  UNION ALL
  SELECT 'negative_amount', 'info', 'opportunity', opportunity_id, 'amount ' || amount::VARCHAR
  FROM core.opportunity
  WHERE amount < 0
  UNION ALL
  SELECT 'deal_without_contact', 'warning', 'opportunity', o.opportunity_id, 'no person: its credit is unattributed'
  FROM core.opportunity AS o
  LEFT JOIN core.opportunity_contact AS c ON c.opportunity_id = o.opportunity_id
  WHERE c.person_id IS NULL AND NOT o.is_deleted
  UNION ALL
  SELECT 'touch_without_person', 'info', 'touch', touch_id, 'nobody is known by its identifier'
  FROM core.touch
  WHERE person_id IS NULL
  UNION ALL
  SELECT 'skipped_stage', 'info', 'person', person_id, 'reached SQL without MQL'
  FROM core.person
  WHERE first_sql_at IS NOT NULL AND first_mql_at IS NULL
  UNION ALL
  SELECT 'stage_before_lead', 'warning', 'person', person_id, 'MQL ' || first_mql_at::VARCHAR || ', lead ' || created_at::VARCHAR
  FROM core.person
  WHERE first_mql_at < created_at
  UNION ALL
  SELECT 'unknown_channel', 'info', 'channel', t.channel, COUNT(*)::VARCHAR || ' touches of a channel that is not in the list'
  FROM core.touch AS t
  LEFT JOIN seeds.channel AS c ON c.channel = t.channel
  WHERE t.channel IS NOT NULL AND c.channel IS NULL
  GROUP BY t.channel
)
SELECT
  @key_of(rule, entity, entity_id)::VARCHAR AS finding_id, -- key
  rule::VARCHAR AS rule, -- the rule that is broken
  severity::VARCHAR AS severity, -- error, warning or info
  entity::VARCHAR AS entity, -- what kind of row
  entity_id::VARCHAR AS entity_id, -- which row
  detail::VARCHAR AS detail, -- what is wrong
  @execution_ts::TIMESTAMP AS found_at -- the build that found it, UTC
FROM finding;
