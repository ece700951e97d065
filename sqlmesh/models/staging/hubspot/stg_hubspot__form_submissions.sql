MODEL (
  name staging.stg_hubspot__form_submissions,
  kind FULL,
  description 'Forms that people filled in: each is a touch.',
  owner marketing_ops,
  grain submission_id,
  audits (
    not_null(columns := (submission_id, submitted_at)),
    unique_values(columns := (submission_id)),
    same_row_count(other := raw.hubspot__form_submissions)
  )
);

SELECT
  f.submission_id::VARCHAR AS submission_id, -- the vendor's id of the submission
  @normal_email(f.email)::VARCHAR AS email, -- lower case
  f.submitted_at::TIMESTAMP AS submitted_at, -- UTC
  COALESCE(sm.channel, m.channel, LOWER(vm.value), LOWER(@utm(f.utm_medium)))::VARCHAR AS channel, -- by the channel rules
  COALESCE(vs.value, @utm(LOWER(f.utm_source)))::VARCHAR AS source, -- UTM source, by the approved mapping
  COALESCE(vm.value, @utm(LOWER(f.utm_medium)))::VARCHAR AS medium, -- UTM medium, by the approved mapping
  @known(f.utm_source)::VARCHAR AS source_raw, -- as the link carried it
  @known(f.utm_medium)::VARCHAR AS medium_raw, -- as the link carried it
  @utm_campaign(f.utm_campaign)::VARCHAR AS campaign, -- UTM campaign
  COALESCE(@known(f.content), @known(f.utm_content))::VARCHAR AS content, -- slug of the asset behind the form
  @known(f.content_type)::VARCHAR AS content_type -- whitepaper, webinar, case_study, ...
FROM raw.hubspot__form_submissions AS f
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(f.utm_source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(f.utm_medium))
LEFT JOIN seeds.channel_rule AS m
  ON m.field = 'medium' AND m.value = LOWER(COALESCE(vm.value, TRIM(f.utm_medium)))
LEFT JOIN seeds.channel_rule AS sm
  ON sm.field = 'source_medium' AND sm.value = LOWER(COALESCE(vs.value, TRIM(f.utm_source)) || ' / ' || COALESCE(vm.value, TRIM(f.utm_medium)));
