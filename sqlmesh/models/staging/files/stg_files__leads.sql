MODEL (
  name staging.stg_files__leads,
  kind FULL,
  description 'Leads from files. A blank channel stays NULL and unknown stays unknown.',
  owner marketing_ops,
  grain lead_id,
  audits (not_null(columns := (lead_id)), unique_values(columns := (lead_id)), same_row_count(other := raw.files__leads))
);

SELECT
  lead_id::VARCHAR AS lead_id, -- id in the file
  @normal_email(email)::VARCHAR AS email, -- lower case
  @known(company)::VARCHAR AS company, -- as typed
  @domain_of(domain)::VARCHAR AS domain, -- of the company's website
  created_at::TIMESTAMP AS created_at, -- lead creation, UTC
  mql_at::TIMESTAMP AS mql_at, -- met the marketing criteria, UTC
  sql_at::TIMESTAMP AS sql_at, -- accepted by sales, UTC
  @known(channel)::VARCHAR AS channel, -- blank is NULL
  @known(source)::VARCHAR AS source, -- original source
  @known(medium)::VARCHAR AS medium, -- original medium
  @known(campaign)::VARCHAR AS campaign, -- original campaign
  @known(content)::VARCHAR AS content, -- first asset
  @known(region)::VARCHAR AS region, -- of the lead
  @known(segment)::VARCHAR AS segment, -- company size segment
  @known(industry)::VARCHAR AS industry, -- of the company
  @known(owner)::VARCHAR AS owner, -- who works the lead
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- removed at the source
FROM raw.files__leads;
