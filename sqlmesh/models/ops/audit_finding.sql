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
  SELECT 'line_items_differ', 'warning', 'opportunity', o.opportunity_id,
    'lines are worth ' || SUM(l.amount_original)::VARCHAR || ', the deal ' || COALESCE(MAX(o.amount_original)::VARCHAR, 'nothing')
  FROM core.opportunity_line AS l
  JOIN core.opportunity AS o ON o.opportunity_id = l.opportunity_id
  WHERE NOT o.is_deleted
  GROUP BY o.opportunity_id
  HAVING SUM(l.amount_original) <> COALESCE(MAX(o.amount_original), 0)
  UNION ALL
  SELECT 'deal_without_contact', 'warning', 'opportunity', o.opportunity_id, 'no person: its credit is unattributed'
  FROM core.opportunity AS o
  LEFT JOIN core.opportunity_contact AS c ON c.opportunity_id = o.opportunity_id
  WHERE c.person_id IS NULL AND NOT o.is_deleted
  UNION ALL
  SELECT 'milestone_without_touch', 'info', 'opportunity', j.credited_id,
    'no touch before its ' || CASE WHEN MAX(j.lead_position) IS NULL THEN 'lead' ELSE 'creation' END || ': the other milestones share its credit'
  FROM attribution.journey_touch AS j
  WHERE j.credit_kind = 'revenue' AND j.touch_id IS NOT NULL
  GROUP BY j.credited_id
  HAVING MAX(j.lead_position) IS NULL OR MAX(j.opportunity_position) IS NULL
  UNION ALL
  SELECT 'touch_without_person', 'info', 'touch', touch_id, 'nobody is known by its identifier'
  FROM core.touch
  WHERE person_id IS NULL
  UNION ALL
  SELECT 'skipped_stage', 'info', 'person', person_id, 'reached SQL without MQL'
  FROM core.person
  WHERE first_sql_at IS NOT NULL AND first_mql_at IS NULL
  UNION ALL
  SELECT 'stage_before_lead', 'warning', 'person', person_id,
    COALESCE('MQL ' || first_mql_at::VARCHAR || ', ', '') || COALESCE('SQL ' || first_sql_at::VARCHAR || ', ', '') || 'lead ' || created_at::VARCHAR
  FROM core.person
  WHERE first_mql_at < created_at OR first_sql_at < created_at
  UNION ALL
  SELECT 'sql_before_mql', 'info', 'person', person_id, 'SQL ' || first_sql_at::VARCHAR || ', MQL ' || first_mql_at::VARCHAR || ': its days from one to the other are negative'
  FROM core.person
  WHERE first_sql_at < first_mql_at
  UNION ALL
  SELECT 'deal_without_creation', 'info', 'opportunity', opportunity_id, 'no creation date: no pipeline credit, nor open pipeline'
  FROM core.opportunity
  WHERE created_at IS NULL
  UNION ALL
  SELECT 'reopened_deal', 'info', 'opportunity', opportunity_id, COUNT(*)::VARCHAR || ' times closed and opened again'
  FROM (
    SELECT opportunity_id, is_open, LEAD(is_open) OVER (PARTITION BY opportunity_id ORDER BY place) AS opens_again
    FROM prep.deal_step
  ) AS step
  WHERE NOT is_open AND opens_again
  GROUP BY opportunity_id
  UNION ALL
  SELECT 'close_date_pushed', 'warning', 'opportunity', h.opportunity_id,
    'its close date was put off ' || COUNT(*)::VARCHAR || ' times, from ' || MIN(h.old_value) || ' to ' || MAX(h.new_value)
  FROM staging.stg_salesforce__opportunity_field_history AS h
  JOIN core.opportunity AS o ON o.opportunity_id = h.opportunity_id
  WHERE h.field = 'CloseDate' AND h.new_value > h.old_value AND NOT h.is_deleted AND NOT o.is_deleted AND NOT o.is_closed -- ISO dates sort as text
  GROUP BY h.opportunity_id
  HAVING COUNT(*) >= 3
  UNION ALL
  SELECT 'role_after_close', 'info', 'opportunity', o.opportunity_id, COUNT(*)::VARCHAR || ' contact roles were given after the close'
  FROM staging.stg_salesforce__opportunity_contact_role AS r
  JOIN core.opportunity AS o ON o.opportunity_id = r.opportunity_id
  WHERE NOT r.is_deleted AND o.is_closed AND r.created_at >= @end_of_closing(o.closed_at)
  GROUP BY o.opportunity_id
  UNION ALL
  SELECT 'domain_of_two_accounts', 'warning', 'domain', domain, COUNT(*)::VARCHAR || ' accounts have this website: people go to the oldest'
  FROM staging.stg_salesforce__account
  WHERE domain IS NOT NULL AND master_account_id IS NULL AND NOT is_deleted
  GROUP BY domain
  HAVING COUNT(*) > 1
  UNION ALL
  SELECT 'campaign_orphan', 'warning', 'campaign', c.campaign_id, 'its parent ' || c.parent_campaign_id || ' does not exist'
  FROM staging.stg_salesforce__campaign AS c
  LEFT JOIN staging.stg_salesforce__campaign AS p ON p.campaign_id = c.parent_campaign_id AND NOT p.is_deleted
  WHERE c.parent_campaign_id IS NOT NULL AND p.campaign_id IS NULL AND NOT c.is_deleted
  UNION ALL
  SELECT 'campaign_cycle', 'warning', 'campaign', a.campaign_id, 'it is an ancestor of its own parent'
  FROM core.campaign AS c
  JOIN core.campaign_ancestor AS a ON a.campaign_id = c.campaign_id AND a.depth > 0
  JOIN core.campaign AS p ON p.campaign_id = a.ancestor_id AND p.parent_campaign_id = c.campaign_id
  GROUP BY a.campaign_id
  UNION ALL
  SELECT 'campaign_cycle', 'warning', 'campaign', campaign_id, 'it is its own parent'
  FROM staging.stg_salesforce__campaign
  WHERE parent_campaign_id = campaign_id AND NOT is_deleted
  UNION ALL
  SELECT 'campaign_renamed', 'info', 'campaign', campaign_id,
    CASE WHEN MAX(CASE WHEN is_approved THEN 1 ELSE 0 END) = 1 THEN 'recorded as ' ELSE 'was ' END || MIN(alias)
  FROM prep.campaign_alias
  GROUP BY campaign_id
  UNION ALL
  SELECT 'campaign_name_drift', 'warning', 'campaign', MAX(campaign_id), 'perhaps the same as ' || MIN(campaign_id)
  FROM core.campaign
  GROUP BY REPLACE(campaign_id, '-', '')
  HAVING COUNT(*) > 1
  UNION ALL
  SELECT 'shared_inbox', 'info', 'email', r.email, COUNT(*)::VARCHAR || ' records use this shared address: it identifies nobody'
  FROM prep.person_record AS r
  JOIN seeds.shared_inbox AS s ON s.local_part = SPLIT_PART(SPLIT_PART(r.email, '@', 1), '+', 1)
  GROUP BY r.email
  UNION ALL
  SELECT 'email_is_no_address', 'warning', 'email', email, COUNT(*)::VARCHAR || ' records have it for an e-mail: it identifies nobody'
  FROM prep.person_record
  WHERE email NOT LIKE '%_@%_'
  GROUP BY email
  UNION ALL
  SELECT 'touch_in_the_future', 'warning', 'touch', touch_id, 'it happened on ' || occurred_at::VARCHAR
  FROM core.touch
  WHERE occurred_at >= DATEADD(DAY, 2, @execution_ds::DATE)
  UNION ALL
  SELECT 'won_without_close_date', 'warning', 'opportunity', opportunity_id, 'no close date: its revenue is in no month and gives no credit'
  FROM core.opportunity
  WHERE is_won AND NOT is_deleted AND close_date IS NULL
  UNION ALL
  SELECT 'campaign_cost_left_out', 'warning', 'campaign', cost_id,
    amount::VARCHAR || ' ' || currency || ' is not added: it is ' || counts_as
  FROM prep.campaign_cost
  WHERE counts_as <> 'cost'
  UNION ALL
  SELECT 'campaign_cost_on_one_day', 'warning', 'campaign', cost_id,
    amount::VARCHAR || ' ' || currency || ' is booked on ' || first_day::VARCHAR || ': its start or end is missing or not plausible'
  FROM prep.campaign_cost
  WHERE counts_as = 'cost' AND NOT has_period
  UNION ALL
  SELECT 'spend_period_not_plausible', 'warning', 'spend', 'files:' || spend_id,
    'until ' || spend_until::VARCHAR || ': it is booked on ' || spend_date::VARCHAR
  FROM staging.stg_files__spend
  WHERE spend_until < spend_date OR DATEDIFF(DAY, spend_date, spend_until) >= 4096
  UNION ALL
  SELECT 'negative_spend', 'info', 'spend', spend_day_id, 'spend ' || spend_original::VARCHAR
  FROM core.spend_day
  WHERE spend_original < 0
  UNION ALL
  SELECT 'rate_stated_again', 'warning', 'exchange_rate', currency || ' ' || rate_date::VARCHAR,
    COUNT(*)::VARCHAR || ' rates, from ' || MIN(rate_to_reporting)::VARCHAR || ' to ' || MAX(rate_to_reporting)::VARCHAR || ': the last file counts'
  FROM staging.stg_files__exchange_rates
  GROUP BY currency, rate_date
  HAVING COUNT(*) > 1
  UNION ALL
  SELECT 'target_stated_again', 'warning', 'target', target_id,
    metric || ' of ' || target_month::VARCHAR || ' stands there again, with ' || COALESCE(value::VARCHAR, 'no value') || ': the last file counts'
  FROM core.target
  WHERE target_id LIKE '%:%'
  UNION ALL
  SELECT 'target_without_value', 'warning', 'target', target_id,
    metric || ' of ' || target_month::VARCHAR || ': ' || COALESCE(value::VARCHAR, 'no value') || ' is attained to no degree'
  FROM core.target
  WHERE is_current AND COALESCE(value, 0) <= 0
  UNION ALL
  SELECT 'unknown_channel', 'info', 'channel', t.channel, COUNT(*)::VARCHAR || ' touches of a channel that is not in the list'
  FROM core.touch AS t
  LEFT JOIN seeds.channel AS c ON c.channel = t.channel
  WHERE t.channel IS NOT NULL AND c.channel IS NULL
  GROUP BY t.channel
  UNION ALL
  SELECT 'content_beyond_the_limit', 'info', 'opportunity', opportunity_id,
    'met ' || COUNT(*)::VARCHAR || ' assets before its close: sequences are made of the first ' || @content_setting(sequences, most_assets)::VARCHAR
  FROM prep.content_step
  WHERE sequence_of = 'asset'
  GROUP BY opportunity_id
  HAVING COUNT(*) > @content_setting(sequences, most_assets)
  UNION ALL
  SELECT 'content_sequences_cut', 'info', 'content_sequence', sequence_of || ' ' || length::VARCHAR,
    MAX(frequent)::VARCHAR || ' frequent sequences: those of the most deals are listed, ' || @content_setting(sequences, most_listed)::VARCHAR || ' of them'
  FROM prep.content_sequence
  GROUP BY sequence_of, length
  HAVING MAX(frequent) > MAX(place)
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
