MODEL (
  name staging.stg_hubspot__companies,
  kind FULL,
  description 'HubSpot companies.',
  owner revops,
  grain company_id,
  audits (
    not_null(columns := (company_id)),
    unique_values(columns := (company_id)),
    same_row_count(other := raw.hubspot__companies)
  )
);

SELECT
  id::VARCHAR AS company_id, -- HubSpot's id
  @known(name)::VARCHAR AS name, -- present name
  @domain_of(domain)::VARCHAR AS domain, -- host of its website
  @known(region)::VARCHAR AS region, -- region
  @known(segment)::VARCHAR AS segment, -- company size segment
  @known(industry)::VARCHAR AS industry, -- industry
  @known(hubspot_owner_id)::VARCHAR AS owner, -- owner id
  createdate::TIMESTAMP AS created_at, -- UTC
  COALESCE(archived, FALSE)::BOOLEAN AS is_archived -- removed or merged away
FROM raw.hubspot__companies;
