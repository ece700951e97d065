MODEL (
  name staging.stg_ga4__events,
  kind FULL,
  description 'Events of the GA4 export, one row an event.',
  owner web_team,
  grain event_id,
  audits (
    not_null(columns := (event_id)),
    unique_values(columns := (event_id)),
    same_row_count(other := raw.ga4__events)
  )
);

SELECT
  e.event_id::VARCHAR AS event_id, -- hash of its parts
  COALESCE(e.event_at, e.event_date)::TIMESTAMP AS occurred_at, -- UTC
  LOWER(@known(e.event_name))::VARCHAR AS event_name, -- page_view, form_submit, ...
  @known(e.user_pseudo_id)::VARCHAR AS cookie_id, -- the browser
  @normal_email(e.user_id)::VARCHAR AS user_id, -- who signed in: an e-mail or an id
  e.ga_session_id::VARCHAR AS session_number, -- the session of the browser
  @known(e.page_location)::VARCHAR AS page, -- address
  COALESCE(sm.channel, m.channel, LOWER(vm.value), LOWER(@utm(e.medium)))::VARCHAR AS channel, -- by the channel rules
  COALESCE(vs.value, LOWER(@utm(e.source)))::VARCHAR AS source, -- UTM source, by the approved mapping
  COALESCE(vm.value, LOWER(@utm(e.medium)))::VARCHAR AS medium, -- UTM medium, by the approved mapping
  @known(e.source)::VARCHAR AS source_raw, -- as the link carried it
  @known(e.medium)::VARCHAR AS medium_raw, -- as the link carried it
  @utm_campaign(e.campaign)::VARCHAR AS campaign, -- UTM campaign
  COALESCE(e.is_key_event, FALSE)::BOOLEAN AS is_key_event -- a conversion
FROM raw.ga4__events AS e
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(e.source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(e.medium))
LEFT JOIN seeds.channel_rule AS m
  ON m.field = 'medium' AND m.value = LOWER(COALESCE(vm.value, TRIM(e.medium)))
LEFT JOIN seeds.channel_rule AS sm
  ON sm.field = 'source_medium' AND sm.value = LOWER(COALESCE(vs.value, TRIM(e.source)) || ' / ' || COALESCE(vm.value, TRIM(e.medium)));
