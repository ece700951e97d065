MODEL (
  name attribution.opportunity_touch,
  kind FULL,
  description 'A touch of a person on a deal, before the deal was closed. A deal meets a campaign or an asset once per touch.',
  owner marketing_ops,
  grain (opportunity_id, touch_id),
  audits (
    not_null(columns := (opportunity_id, touch_id, touch_at, is_sourcing, is_first_of_campaign, is_first_of_content)),
    unique_combination_of_columns(columns := (opportunity_id, touch_id)),
    references_row(column := opportunity_id, parent := core.opportunity, parent_column := opportunity_id),
    references_row(column := touch_id, parent := core.touch, parent_column := touch_id)
  )
);

WITH first_lead AS (
  -- The lead creation of a deal is the earliest among its people.
  SELECT oc.opportunity_id, MIN(p.created_at) AS lead_at
  FROM core.opportunity_contact AS oc
  JOIN core.person AS p ON p.person_id = oc.person_id
  GROUP BY oc.opportunity_id
),
met AS (
  SELECT
    o.opportunity_id,
    o.is_won,
    o.close_date,
    -- What came after the deal did not bring it about.
    (o.created_at IS NULL OR t.occurred_at < DATEADD(SECOND, 1, o.created_at)) AS is_before,
    t.touch_id,
    t.person_id,
    t.occurred_at,
    t.channel,
    t.campaign_id,
    t.content_id,
    ROW_NUMBER() OVER (PARTITION BY o.opportunity_id ORDER BY t.occurred_at, t.touch_id) AS place,
    -- The lead-creation touch is the latest at or before the lead's creation.
    CASE WHEN t.occurred_at <= l.lead_at THEN ROW_NUMBER() OVER (
      PARTITION BY o.opportunity_id, CASE WHEN t.occurred_at <= l.lead_at THEN 1 ELSE 0 END
      ORDER BY t.occurred_at DESC, t.touch_id DESC
    ) END AS lead_place,
    ROW_NUMBER() OVER (PARTITION BY o.opportunity_id, t.campaign_id ORDER BY t.occurred_at, t.touch_id) AS campaign_place,
    ROW_NUMBER() OVER (PARTITION BY o.opportunity_id, t.content_id ORDER BY t.occurred_at, t.touch_id) AS content_place
  FROM core.opportunity AS o
  JOIN core.opportunity_contact AS oc ON oc.opportunity_id = o.opportunity_id
  JOIN core.touch AS t ON t.person_id = oc.person_id
  LEFT JOIN first_lead AS l ON l.opportunity_id = o.opportunity_id
  WHERE o.closed_at IS NULL OR t.occurred_at < @end_of_closing(o.closed_at)
)
SELECT
  opportunity_id::VARCHAR AS opportunity_id, -- the deal
  touch_id::VARCHAR AS touch_id, -- the touch
  person_id::VARCHAR AS person_id, -- who was touched
  occurred_at::TIMESTAMP AS touch_at, -- UTC
  channel::VARCHAR AS channel, -- of the touch
  campaign_id::VARCHAR AS campaign_id, -- of the touch
  content_id::VARCHAR AS content_id, -- of the touch
  (is_before AND (place = 1 OR COALESCE(lead_place, 0) = 1))::BOOLEAN AS is_sourcing, -- the deal's first touch, or the one that created the lead; before the deal was created
  (campaign_id IS NOT NULL AND campaign_place = 1)::BOOLEAN AS is_first_of_campaign, -- the campaign's first touch of the deal
  (content_id IS NOT NULL AND content_place = 1)::BOOLEAN AS is_first_of_content, -- the asset's first touch of the deal
  CASE WHEN is_won THEN close_date END::DATE AS won_date, -- the deal's close, where it was won
  CASE WHEN is_won THEN DATEDIFF(DAY, occurred_at::DATE, close_date) END::INTEGER AS days_to_revenue -- from the touch to the close
FROM met;
