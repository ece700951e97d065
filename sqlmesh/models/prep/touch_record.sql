MODEL (
  name prep.touch_record,
  kind FULL,
  description 'Touches of every system in one shape, before the person is known. A mail that was only sent is no touch.',
  owner marketing_ops,
  grain touch_id,
  audits (not_null(columns := (touch_id, occurred_at)), unique_values(columns := (touch_id)))
);

WITH touches AS (
  SELECT
    'hubspot:form:' || submission_id AS touch_id,
    'hubspot' AS source_system,
    'email:' || email AS person_node,
    submitted_at AS occurred_at,
    channel,
    source,
    medium,
    campaign,
    content,
    content_type,
    'form' AS kind,
    source_raw,
    medium_raw
  FROM staging.stg_hubspot__form_submissions
  UNION ALL
  SELECT
    'files:touch:' || t.touch_id,
    'files',
    -- An id that no file of leads knows leaves the address.
    COALESCE('files:lead:' || l.lead_id, 'email:' || t.email),
    t.occurred_at,
    t.channel,
    t.source,
    t.medium,
    t.campaign,
    t.content,
    t.content_type,
    COALESCE(t.kind, 'touch'),
    t.source_raw,
    t.medium_raw
  FROM staging.stg_files__touches AS t
  LEFT JOIN staging.stg_files__leads AS l ON l.lead_id = t.lead_id
  WHERE COALESCE(t.kind, 'touch') NOT IN ('sent', 'processed', 'delivered', 'deferred', 'dropped', 'bounce', 'bounced')
  UNION ALL
  -- Of what happens to a mail only a click by a human is a response.
  SELECT
    'hubspot:email:' || e.event_id,
    'hubspot',
    'email:' || e.email,
    e.occurred_at,
    'email',
    'hubspot',
    'email',
    m.campaign,
    m.name,
    'email',
    'email_click',
    NULL,
    NULL
  FROM staging.stg_hubspot__email_events AS e
  LEFT JOIN staging.stg_hubspot__emails AS m ON m.email_id = e.email_id
  WHERE e.event_type = 'CLICK' AND NOT e.is_bot
  UNION ALL
  -- A member whose mail was only sent was not touched; who responded was.
  SELECT
    'salesforce:member:' || m.member_id,
    'salesforce',
    COALESCE('salesforce:contact:' || m.contact_id, 'salesforce:lead:' || m.lead_id),
    m.responded_at,
    COALESCE(r.channel, LOWER(c.campaign_type)),
    NULL,
    NULL,
    COALESCE(c.utm_campaign, c.name),
    NULL,
    NULL,
    'campaign_response',
    NULL,
    NULL
  FROM staging.stg_salesforce__campaign_member AS m
  LEFT JOIN staging.stg_salesforce__campaign AS c ON c.campaign_id = m.campaign_id
  LEFT JOIN seeds.channel_rule AS r ON r.field = 'lead_source' AND r.value = LOWER(c.campaign_type)
  WHERE m.has_responded AND NOT m.is_deleted
  UNION ALL
  SELECT
    'marketo:activity:' || a.activity_id,
    'marketo',
    'marketo:lead:' || a.lead_id,
    a.occurred_at,
    CASE WHEN a.activity_type = 'click email' THEN 'email' ELSE COALESCE(r.channel, p.channel) END,
    NULL,
    NULL,
    COALESCE(p.utm_campaign, p.name),
    a.asset,
    NULL,
    CASE WHEN a.activity_type = 'click email' THEN 'email_click' ELSE 'form' END,
    NULL,
    NULL
  FROM staging.stg_marketo__activities AS a
  LEFT JOIN staging.stg_marketo__programs AS p ON p.program_id = a.program_id
  LEFT JOIN seeds.channel_rule AS r ON r.field = 'lead_source' AND r.value = p.channel
  WHERE a.activity_type IN ('fill out form', 'click email')
  UNION ALL
  -- A visit is a touch once we know whose it was; anonymous ones stay in core.web_session.
  SELECT
    'ga4:session:' || s.session_id,
    'ga4',
    s.person_node,
    s.started_at,
    s.channel,
    s.source,
    s.medium,
    s.campaign,
    NULL,
    NULL,
    'web_session',
    s.source_raw,
    s.medium_raw
  FROM prep.web_visit AS s
  JOIN prep.identity AS i ON i.node = s.person_node
),
first_contact AS (
  -- A file of leads that says where each came from, and no file of touches: the origin is the first contact.
  SELECT
    'files:lead:' || l.lead_id AS touch_id,
    'files' AS source_system,
    'files:lead:' || l.lead_id AS person_node,
    l.created_at AS occurred_at,
    l.channel,
    l.source,
    l.medium,
    l.campaign,
    l.content,
    NULL AS content_type,
    'first_contact' AS kind,
    l.source_raw,
    l.medium_raw
  FROM staging.stg_files__leads AS l
  LEFT JOIN touches AS t ON t.person_node IN ('files:lead:' || l.lead_id)
  LEFT JOIN touches AS e ON e.person_node = 'email:' || l.email
  WHERE t.touch_id IS NULL AND e.touch_id IS NULL AND l.channel IS NOT NULL AND l.created_at IS NOT NULL
)
SELECT
  touch_id::VARCHAR AS touch_id, -- system, kind and id
  source_system::VARCHAR AS source_system, -- where it was recorded
  person_node::VARCHAR AS person_node, -- the identifier of who it was
  occurred_at::TIMESTAMP AS occurred_at, -- UTC
  channel::VARCHAR AS channel, -- by the channel rules; NULL where nobody recorded it
  source::VARCHAR AS source, -- UTM source, by the approved mapping
  medium::VARCHAR AS medium, -- UTM medium, by the approved mapping
  campaign::VARCHAR AS campaign, -- UTM campaign as it was recorded
  content::VARCHAR AS content, -- asset as it was recorded
  content_type::VARCHAR AS content_type, -- kind of asset
  kind::VARCHAR AS kind, -- form, first_contact, event, ...
  source_raw::VARCHAR AS source_raw, -- UTM source before the approved mapping
  medium_raw::VARCHAR AS medium_raw -- UTM medium before the approved mapping
FROM (SELECT * FROM touches UNION ALL SELECT * FROM first_contact) AS every
WHERE occurred_at IS NOT NULL;
