MODEL (
  name staging.stg_files__leads,
  kind FULL,
  description 'Leads from files. A blank channel stays NULL and unknown stays unknown.',
  owner marketing_ops,
  grain lead_id,
  audits (not_null(columns := (lead_id)), unique_values(columns := (lead_id)), same_row_count(other := raw.files__leads))
);

SELECT
  f.lead_id::VARCHAR AS lead_id, -- id in the file
  @normal_email(f.email)::VARCHAR AS email, -- lower case
  @known(f.company)::VARCHAR AS company, -- as typed
  @domain_of(f.domain)::VARCHAR AS domain, -- of the company's website
  f.created_at::TIMESTAMP AS created_at, -- lead creation, UTC
  f.mql_at::TIMESTAMP AS mql_at, -- met the marketing criteria, UTC
  f.sql_at::TIMESTAMP AS sql_at, -- accepted by sales, UTC
  @known(f.channel)::VARCHAR AS channel, -- blank is NULL
  COALESCE(vs.value, @utm(f.source))::VARCHAR AS source, -- original source, by the approved mapping
  COALESCE(vm.value, @utm(f.medium))::VARCHAR AS medium, -- original medium, by the approved mapping
  @known(f.source)::VARCHAR AS source_raw, -- as the file has it
  @known(f.medium)::VARCHAR AS medium_raw, -- as the file has it
  @utm_campaign(f.campaign)::VARCHAR AS campaign, -- original campaign
  @known(f.content)::VARCHAR AS content, -- first asset
  @known(f.region)::VARCHAR AS region, -- of the lead
  @known(f.segment)::VARCHAR AS segment, -- company size segment
  @known(f.industry)::VARCHAR AS industry, -- of the company
  @known(f.owner)::VARCHAR AS owner, -- who works the lead
  COALESCE(f.is_deleted, FALSE)::BOOLEAN AS is_deleted -- removed at the source
FROM raw.files__leads AS f
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(f.source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(f.medium));
