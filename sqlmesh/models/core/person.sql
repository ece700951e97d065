MODEL (
  name core.person,
  kind FULL,
  description 'A person after identity resolution, with the original source and the first date of each stage.',
  owner revops,
  grain person_id,
  depends_on (core.account, core.campaign),
  audits (
    not_null(columns := (person_id, is_deleted)),
    unique_values(columns := (person_id)),
    references_row(column := account_id, parent := core.account, parent_column := account_id),
    references_row(column := campaign_id, parent := core.campaign, parent_column := campaign_id)
  )
);

WITH record AS (
  SELECT
    i.person_id,
    i.anchor_record_id,
    r.*,
    ROW_NUMBER() OVER (
      PARTITION BY i.person_id, r.priority
      ORDER BY CASE WHEN r.is_merged THEN 1 ELSE 0 END, CASE WHEN r.is_deleted THEN 1 ELSE 0 END, r.created_at, r.record_id
    ) AS place
  FROM prep.person_record AS r
  JOIN prep.identity AS i ON i.node = r.record_id
),
origin AS (
  -- Channel, source, medium and campaign come from one record: a mix of two would be a source that never was.
  SELECT person_id, channel, source, medium, campaign, content
  FROM record
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY person_id
    ORDER BY CASE WHEN channel IS NULL THEN 1 ELSE 0 END, CASE WHEN is_merged THEN 1 ELSE 0 END, priority, created_at, record_id
  ) = 1
),
known AS (
  SELECT
    person_id,
    @first_known(email, priority) AS email,
    @first_known(region, priority) AS region,
    @first_known(segment, priority) AS segment,
    @first_known(industry, priority) AS industry,
    @first_known(owner, priority) AS owner
  FROM record
  WHERE place = 1
  GROUP BY person_id
),
gone AS (
  -- Somebody is gone when no record of theirs is left and one was deleted. A merge deletes nobody: not where the record that
  -- lives on was never sent, nor where two records name each other.
  SELECT person_id, MAX(CASE WHEN is_deleted THEN 1 WHEN is_merged THEN 0 ELSE 2 END) = 1 AS is_deleted
  FROM record
  GROUP BY person_id
),
stage AS (
  SELECT
    person_id,
    MIN(CASE WHEN stage = 'lead' THEN occurred_at END) AS created_at,
    MIN(CASE WHEN stage = 'mql' THEN occurred_at END) AS first_mql_at,
    MIN(CASE WHEN stage = 'sql' THEN occurred_at END) AS first_sql_at,
    MIN(CASE WHEN stage = 'opportunity' THEN occurred_at END) AS first_opportunity_at,
    MIN(CASE WHEN stage = 'customer' THEN occurred_at END) AS first_won_at
  FROM core.lifecycle_event
  GROUP BY person_id
)
SELECT
  k.person_id::VARCHAR AS person_id, -- made of the smallest record of the person
  k.email::VARCHAR AS email, -- lower case, as the most credible system has it
  a.account_id::VARCHAR AS account_id, -- the company, where known
  s.created_at::TIMESTAMP AS created_at, -- lead creation, UTC
  o.channel::VARCHAR AS channel, -- original source; NULL where nobody recorded it
  o.source::VARCHAR AS source, -- original source
  o.medium::VARCHAR AS medium, -- original medium
  COALESCE(ca.campaign_id, @slug(o.campaign))::VARCHAR AS campaign_id, -- original campaign
  COALESCE(@slug(vc.value), @slug(o.content))::VARCHAR AS content_id, -- first asset, by the approved mapping
  k.region::VARCHAR AS region, -- AMER, EMEA or APAC
  k.segment::VARCHAR AS segment, -- company size segment
  k.industry::VARCHAR AS industry, -- of the company
  k.owner::VARCHAR AS owner, -- who works the lead
  s.first_mql_at::TIMESTAMP AS first_mql_at, -- first time MQL
  s.first_sql_at::TIMESTAMP AS first_sql_at, -- first time accepted by sales
  s.first_opportunity_at::TIMESTAMP AS first_opportunity_at, -- first deal opened
  s.first_won_at::TIMESTAMP AS first_won_at, -- first deal won
  g.is_deleted::BOOLEAN AS is_deleted -- no record of the person is left at any source
FROM known AS k
JOIN origin AS o ON o.person_id = k.person_id
JOIN gone AS g ON g.person_id = k.person_id
LEFT JOIN prep.campaign_alias AS ca ON ca.alias = @slug(o.campaign)
LEFT JOIN prep.value_mapping AS vc ON vc.kind = 'content' AND vc.alias = @slug(o.content)
LEFT JOIN stage AS s ON s.person_id = k.person_id
LEFT JOIN prep.person_account AS a ON a.person_id = k.person_id;
