MODEL (
  name staging.stg_ga4__sessions,
  kind FULL,
  description 'Sessions of a GA4 property by day, channel and landing page.',
  owner web_team,
  grain session_group_id,
  audits (
    not_null(columns := (session_group_id, session_date)),
    unique_values(columns := (session_group_id)),
    same_row_count(other := raw.ga4__sessions),
    -- core.web_session writes out as many of a day and landing page.
    forall(criteria := (sessions <= 262144))
  )
);

SELECT
  @key_of(g.property_id, g.day, g.channel_group, g.source, g.medium, g.campaign, g.landing_page)::VARCHAR AS session_group_id, -- key of day, channel and landing page
  g.day::DATE AS session_date, -- in the property's time zone
  COALESCE(s.channel, LOWER(REPLACE(@known(g.channel_group), ' ', '_')))::VARCHAR AS channel, -- by the channel rules
  COALESCE(vs.value, LOWER(@utm(g.source)))::VARCHAR AS source, -- UTM source, by the approved mapping
  COALESCE(vm.value, LOWER(@utm(g.medium)))::VARCHAR AS medium, -- UTM medium, by the approved mapping
  @known(g.source)::VARCHAR AS source_raw, -- as analytics has it
  @known(g.medium)::VARCHAR AS medium_raw, -- as analytics has it
  @utm_campaign(g.campaign)::VARCHAR AS campaign, -- UTM campaign
  @known(g.landing_page)::VARCHAR AS landing_page, -- first page
  COALESCE(g.sessions, 0)::BIGINT AS sessions, -- sessions
  COALESCE(g.key_events, 0)::BIGINT AS key_events -- conversions
FROM raw.ga4__sessions AS g
LEFT JOIN prep.value_mapping AS vs ON vs.kind = 'source' AND vs.alias = LOWER(TRIM(g.source))
LEFT JOIN prep.value_mapping AS vm ON vm.kind = 'medium' AND vm.alias = LOWER(TRIM(g.medium))
LEFT JOIN seeds.channel_rule AS s
  ON s.field = 'lead_source' AND s.value = LOWER(TRIM(g.channel_group));
