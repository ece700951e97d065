MODEL (
  name prep.deal,
  kind FULL,
  description 'Deals of every system in one shape, in their own currency, with the person they are led by.',
  owner revops,
  grain opportunity_id,
  audits (not_null(columns := (opportunity_id, source_system)), unique_values(columns := (opportunity_id)))
);

WITH converted AS (
  SELECT opportunity_id, MIN(lead_id) AS lead_id
  FROM staging.stg_salesforce__lead
  WHERE opportunity_id IS NOT NULL
  GROUP BY opportunity_id
),
leader AS (
  SELECT opportunity_id, 'salesforce:contact:' || MIN(contact_id) AS person_node
  FROM staging.stg_salesforce__opportunity_contact_role
  WHERE is_primary AND NOT is_deleted
  GROUP BY opportunity_id
),
hubspot_person AS (
  SELECT from_id AS deal_id, MIN(CASE WHEN label = 'Primary' THEN to_id END) AS primary_id, MIN(to_id) AS any_id
  FROM staging.stg_hubspot__associations
  WHERE from_object = 'deals' AND to_object = 'contacts'
  GROUP BY from_id
),
hubspot_company AS (
  SELECT a.from_id AS deal_id, MIN(c.domain) AS domain
  FROM staging.stg_hubspot__associations AS a
  JOIN staging.stg_hubspot__companies AS c ON c.company_id = a.to_id
  WHERE a.from_object = 'deals' AND a.to_object = 'companies'
  GROUP BY a.from_id
),
hubspot_merged AS (
  -- Asked for by its own id, a deal that was merged away is not seen any more: nobody says that it is gone but the survivor.
  SELECT DISTINCT TRIM(SPLIT_PART(d.merged_deal_ids, ';', p.position)) AS deal_id
  FROM staging.stg_hubspot__deals AS d
  CROSS JOIN prep.position AS p
  WHERE TRIM(SPLIT_PART(d.merged_deal_ids, ';', p.position)) <> d.deal_id AND NOT d.is_archived
),
deals AS (
  SELECT
    o.opportunity_id,
    'salesforce' AS source_system,
    a.account_id,
    COALESCE('salesforce:contact:' || o.contact_id, 'salesforce:lead:' || c.lead_id) AS person_node,
    'salesforce:lead:' || c.lead_id AS other_person_node,
    o.name,
    o.stage,
    o.amount,
    o.currency,
    o.is_won,
    o.is_closed,
    o.created_at,
    o.close_date,
    CASE WHEN o.is_closed THEN o.close_date END::TIMESTAMP AS closed_at,
    o.region,
    o.segment,
    NULL AS industry,
    o.product,
    o.owner,
    o.is_deleted
  FROM staging.stg_salesforce__opportunity AS o
  LEFT JOIN converted AS c ON c.opportunity_id = o.opportunity_id
  LEFT JOIN prep.account_identity AS a ON a.crm_account_id = o.account_id
  UNION ALL
  -- A HubSpot deal that mirrors a Salesforce opportunity is that opportunity: it counts once.
  SELECT
    'hubspot:deal:' || d.deal_id,
    'hubspot_deals',
    COALESCE(da.account_id, 'domain:' || c.domain),
    'hubspot:contact:' || COALESCE(p.primary_id, p.any_id),
    NULL,
    d.name,
    COALESCE(s.stage, d.stage_id),
    d.amount,
    d.currency,
    d.is_won,
    d.is_closed,
    d.created_at,
    d.closed_at::DATE,
    CASE WHEN d.is_closed THEN d.closed_at END,
    NULL,
    NULL,
    NULL,
    NULL,
    d.owner,
    d.is_archived OR m.deal_id IS NOT NULL
  FROM staging.stg_hubspot__deals AS d
  LEFT JOIN staging.stg_salesforce__opportunity AS o ON o.opportunity_id = d.salesforce_opportunity_id
  LEFT JOIN staging.stg_hubspot__pipelines AS s ON s.pipeline_id = d.pipeline_id AND s.stage_id = d.stage_id
  LEFT JOIN hubspot_merged AS m ON m.deal_id = d.deal_id
  LEFT JOIN hubspot_person AS p ON p.deal_id = d.deal_id
  LEFT JOIN hubspot_company AS c ON c.deal_id = d.deal_id
  LEFT JOIN prep.domain_account AS da ON da.domain = c.domain
  WHERE o.opportunity_id IS NULL
  UNION ALL
  SELECT
    d.deal_id,
    'files',
    'company:' || @slug(d.account),
    'files:lead:' || d.lead_id,
    NULL,
    d.name,
    d.stage,
    d.amount,
    d.currency,
    d.is_won,
    d.is_closed,
    d.created_at,
    d.close_date,
    CASE WHEN d.is_closed THEN d.closed_at END,
    d.region,
    d.segment,
    d.industry,
    d.product,
    d.owner,
    FALSE
  FROM staging.stg_files__deals AS d
)
SELECT
  d.opportunity_id::VARCHAR AS opportunity_id, -- id in the system
  d.source_system::VARCHAR AS source_system, -- where the deal lives
  COALESCE(d.account_id, pa.account_id)::VARCHAR AS account_id, -- the buying account
  COALESCE(i.person_id, j.person_id, k.person_id)::VARCHAR AS person_id, -- the person it is led by; else whom the primary contact role names
  d.name::VARCHAR AS name, -- the deal's name
  d.stage::VARCHAR AS stage, -- as in the system
  d.amount::DECIMAL(18, 2) AS amount_original, -- in currency
  COALESCE(d.currency, @reporting_currency)::VARCHAR AS currency, -- ISO code
  d.is_won::BOOLEAN AS is_won, -- won
  d.is_closed::BOOLEAN AS is_closed, -- won or lost
  d.created_at::TIMESTAMP AS created_at, -- UTC
  d.close_date::DATE AS close_date, -- expected, or actual once closed
  d.closed_at::TIMESTAMP AS closed_at, -- when it closed; midnight where only the day is known
  d.region::VARCHAR AS region, -- of the deal
  d.segment::VARCHAR AS segment, -- of the deal
  d.industry::VARCHAR AS industry, -- of the company
  COALESCE(vp.value, d.product)::VARCHAR AS product, -- what is sold, by the approved mapping
  d.owner::VARCHAR AS owner, -- who works it
  d.is_deleted::BOOLEAN AS is_deleted, -- removed at the source
  d.product::VARCHAR AS product_raw -- product as it was recorded
FROM deals AS d
LEFT JOIN prep.identity AS i ON i.node = d.person_node
LEFT JOIN prep.identity AS j ON j.node = d.other_person_node
LEFT JOIN leader AS l ON l.opportunity_id = d.opportunity_id
LEFT JOIN prep.identity AS k ON k.node = l.person_node
LEFT JOIN prep.person_account AS pa ON pa.person_id = COALESCE(i.person_id, j.person_id, k.person_id)
LEFT JOIN prep.value_mapping AS vp ON vp.kind = 'product' AND vp.alias = LOWER(TRIM(d.product));
