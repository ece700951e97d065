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
  c.id::VARCHAR AS company_id, -- HubSpot's id
  @known(c.name)::VARCHAR AS name, -- present name
  @domain_of(c.domain)::VARCHAR AS domain, -- host of its website
  @known(c.region)::VARCHAR AS region, -- region
  @known(c.segment)::VARCHAR AS segment, -- company size segment
  @known(c.industry)::VARCHAR AS industry, -- industry
  COALESCE(o.name, @known(c.hubspot_owner_id))::VARCHAR AS owner, -- the owner's name
  c.createdate::TIMESTAMP AS created_at, -- UTC
  COALESCE(c.archived, FALSE)::BOOLEAN AS is_archived -- removed or merged away
FROM raw.hubspot__companies AS c
LEFT JOIN staging.stg_hubspot__owners AS o ON o.owner_id = c.hubspot_owner_id;
