MODEL (
  name staging.stg_marketo__leads,
  kind FULL,
  description 'Marketo leads.',
  owner marketing_ops,
  grain lead_id,
  audits (
    not_null(columns := (lead_id)),
    unique_values(columns := (lead_id)),
    same_row_count(other := raw.marketo__leads)
  )
);

SELECT
  l.id::VARCHAR AS lead_id, -- Marketo's id
  @normal_email(l.email)::VARCHAR AS email, -- lower case
  @known(l.company)::VARCHAR AS company, -- as typed
  @domain_of(l.website)::VARCHAR AS domain, -- of the company's website
  @known(l.region)::VARCHAR AS region, -- region
  @known(l.segment)::VARCHAR AS segment, -- company size segment
  @known(l.industry)::VARCHAR AS industry, -- of the company
  COALESCE(r.channel, sm.channel, m.channel, LOWER(@known(l.lead_source)))::VARCHAR AS channel, -- lead source by the channel rules
  COALESCE(vs.value, @utm(LOWER(l.utm_source)))::VARCHAR AS source, -- first UTM source, by the approved mapping
  COALESCE(vm.value, @utm(LOWER(l.utm_medium)))::VARCHAR AS medium, -- first UTM medium, by the approved mapping
  @utm_campaign(l.utm_campaign)::VARCHAR AS campaign, -- first UTM campaign
  l.created_at::TIMESTAMP AS created_at, -- UTC
  l.mql_at::TIMESTAMP AS mql_at, -- met the marketing criteria, UTC
  @salesforce_id(l.sfdc_lead_id)::VARCHAR AS salesforce_lead_id, -- the lead it is synced with
  @salesforce_id(l.sfdc_contact_id)::VARCHAR AS salesforce_contact_id, -- the contact it is synced with
  @salesforce_id(l.sfdc_account_id)::VARCHAR AS salesforce_account_id -- its account
FROM raw.marketo__leads AS l
LEFT JOIN seeds.channel_rule AS r
  ON r.field = 'lead_source' AND r.value = LOWER(TRIM(l.lead_source))
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(l.utm_source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(l.utm_medium))
LEFT JOIN seeds.channel_rule AS m
  ON m.field = 'medium' AND m.value = LOWER(COALESCE(vm.value, TRIM(l.utm_medium)))
LEFT JOIN seeds.channel_rule AS sm
  ON sm.field = 'source_medium' AND sm.value = LOWER(COALESCE(vs.value, TRIM(l.utm_source)) || ' / ' || COALESCE(vm.value, TRIM(l.utm_medium)));
