MODEL (
  name staging.stg_salesforce__lead,
  kind FULL,
  description 'Salesforce leads with ids in their 18-character form; deleted and merged ones stay, flagged.',
  owner revops,
  grain lead_id,
  audits (not_null(columns := (lead_id)), unique_values(columns := (lead_id)), same_row_count(other := raw.salesforce__lead))
);

SELECT
  @salesforce_id(l.id)::VARCHAR AS lead_id, -- 18 characters
  @normal_email(l.email)::VARCHAR AS email, -- lower case
  @known(l.company)::VARCHAR AS company, -- as typed
  @domain_of(l.website)::VARCHAR AS domain, -- of the company's website
  @known(l.region)::VARCHAR AS region, -- AMER, EMEA or APAC
  @known(l.segment)::VARCHAR AS segment, -- company size segment
  @known(l.industry)::VARCHAR AS industry, -- of the company
  COALESCE(u.name, @known(l.owner_name))::VARCHAR AS owner, -- the owner's name; a queue's as it was read
  l.created_date::TIMESTAMP AS created_at, -- UTC
  COALESCE(r.channel, LOWER(@known(l.lead_source)))::VARCHAR AS channel, -- lead source by the channel rules
  l.accepted_at::TIMESTAMP AS accepted_at, -- accepted by sales: SQL
  @salesforce_id(l.converted_contact_id)::VARCHAR AS contact_id, -- the contact it became, new or existing
  @salesforce_id(l.converted_account_id)::VARCHAR AS account_id, -- the account it joined
  @salesforce_id(l.converted_opportunity_id)::VARCHAR AS opportunity_id, -- the deal it opened
  @salesforce_id(l.master_record_id)::VARCHAR AS master_lead_id, -- the lead it was merged into
  @known(l.hubspot_contact_id)::VARCHAR AS hubspot_contact_id, -- the contact it is synced with
  COALESCE(l.is_deleted, FALSE)::BOOLEAN AS is_deleted -- deleted or merged away
FROM raw.salesforce__lead AS l
LEFT JOIN seeds.channel_rule AS r
  ON r.field = 'lead_source' AND r.value = LOWER(TRIM(l.lead_source))
LEFT JOIN staging.stg_salesforce__user AS u ON u.owner_id = @salesforce_id(l.owner_id);
