MODEL (
  name staging.stg_hubspot__contacts,
  kind FULL,
  description 'HubSpot contacts: e-mail normalised, original source as a channel, merged ids kept as text.',
  owner marketing_ops,
  grain contact_id,
  audits (not_null(columns := (contact_id)), unique_values(columns := (contact_id)), same_row_count(other := raw.hubspot__contacts))
);

SELECT
  c.id::VARCHAR AS contact_id, -- HubSpot's record id
  @normal_email(c.email)::VARCHAR AS email, -- lower case
  @known(c.company)::VARCHAR AS company, -- as typed
  @domain_of(c.website)::VARCHAR AS domain, -- of the company's website
  @known(c.region)::VARCHAR AS region, -- AMER, EMEA or APAC
  @known(c.segment)::VARCHAR AS segment, -- company size segment
  @known(c.industry)::VARCHAR AS industry, -- of the company
  COALESCE(o.name, @known(c.hubspot_owner_id))::VARCHAR AS owner, -- the owner's name
  c.createdate::TIMESTAMP AS created_at, -- lead creation, UTC
  COALESCE(s.channel, sm.channel, m.channel, LOWER(@known(c.hs_analytics_source)))::VARCHAR AS channel, -- original source by the channel rules
  COALESCE(vs.value, @utm(LOWER(c.utm_source)))::VARCHAR AS source, -- first UTM source, by the approved mapping
  COALESCE(vm.value, @utm(LOWER(c.utm_medium)))::VARCHAR AS medium, -- first UTM medium, by the approved mapping
  @utm_campaign(c.utm_campaign)::VARCHAR AS campaign, -- first UTM campaign
  @known(c.utm_content)::VARCHAR AS content, -- slug of the first asset
  @salesforce_id(c.salesforceleadid)::VARCHAR AS salesforce_lead_id, -- the lead it is synced with
  @salesforce_id(c.salesforcecontactid)::VARCHAR AS salesforce_contact_id, -- the contact it is synced with
  @salesforce_id(c.salesforceaccountid)::VARCHAR AS salesforce_account_id, -- the account it is synced with
  @known(c.hs_merged_object_ids)::VARCHAR AS merged_contact_ids, -- separated by semicolons
  LOWER(@known(c.hs_additional_emails))::VARCHAR AS additional_emails, -- of merged contacts and further ones, separated by semicolons
  COALESCE(c.archived, FALSE)::BOOLEAN AS is_archived -- deleted, forgotten or merged away
FROM raw.hubspot__contacts AS c
LEFT JOIN staging.stg_hubspot__owners AS o ON o.owner_id = c.hubspot_owner_id
LEFT JOIN seeds.channel_rule AS s
  ON s.field = 'hubspot_source' AND s.value = LOWER(TRIM(c.hs_analytics_source))
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(c.utm_source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(c.utm_medium))
LEFT JOIN seeds.channel_rule AS m
  ON m.field = 'medium' AND m.value = LOWER(COALESCE(vm.value, TRIM(c.utm_medium)))
LEFT JOIN seeds.channel_rule AS sm
  ON sm.field = 'source_medium' AND sm.value = LOWER(COALESCE(vs.value, TRIM(c.utm_source)) || ' / ' || COALESCE(vm.value, TRIM(c.utm_medium)));
