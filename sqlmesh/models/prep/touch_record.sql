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
    'form' AS kind
  FROM staging.stg_hubspot__form_submissions
  UNION ALL
  SELECT
    'files:touch:' || touch_id,
    'files',
    COALESCE('files:lead:' || lead_id, 'email:' || email),
    occurred_at,
    channel,
    source,
    medium,
    campaign,
    content,
    content_type,
    COALESCE(kind, 'touch')
  FROM staging.stg_files__touches
  WHERE COALESCE(kind, 'touch') <> 'sent'
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
    'first_contact' AS kind
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
  source::VARCHAR AS source, -- UTM source
  medium::VARCHAR AS medium, -- UTM medium
  campaign::VARCHAR AS campaign, -- UTM campaign
  content::VARCHAR AS content, -- asset
  content_type::VARCHAR AS content_type, -- kind of asset
  kind::VARCHAR AS kind -- form, first_contact, event, ...
FROM (SELECT * FROM touches UNION ALL SELECT * FROM first_contact) AS every
WHERE occurred_at IS NOT NULL;
