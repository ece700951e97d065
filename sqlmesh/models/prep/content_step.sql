MODEL (
  name prep.content_step,
  kind FULL,
  description 'The assets that a closed deal met before its close, and the kinds of assets, each where it was met first.',
  owner content_marketing,
  grain (opportunity_id, sequence_of, item),
  audits (
    not_null(columns := (opportunity_id, sequence_of, item, place)),
    unique_combination_of_columns(columns := (opportunity_id, sequence_of, item)),
    accepted_values(column := sequence_of, is_in := ('asset', 'content_type'))
  )
);

WITH met AS (
  SELECT t.opportunity_id, t.content_id, c.content_type, t.touch_at, t.touch_id
  FROM attribution.opportunity_touch AS t
  JOIN core.opportunity AS o ON o.opportunity_id = t.opportunity_id
  JOIN core.content AS c ON c.content_id = t.content_id
  WHERE t.is_first_of_content AND o.is_closed AND NOT o.is_deleted AND o.close_date IS NOT NULL
),
first_of_kind AS (
  SELECT *
  FROM met
  WHERE content_type IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY opportunity_id, content_type ORDER BY touch_at, touch_id) = 1
),
step AS (
  SELECT opportunity_id, 'asset' AS sequence_of, content_id AS item, touch_at, touch_id FROM met
  UNION ALL
  SELECT opportunity_id, 'content_type', content_type, touch_at, touch_id FROM first_of_kind
)
SELECT
  opportunity_id::VARCHAR AS opportunity_id, -- the deal
  sequence_of::VARCHAR AS sequence_of, -- asset or content_type
  item::VARCHAR AS item, -- the asset, or the kind of asset
  ROW_NUMBER() OVER (PARTITION BY opportunity_id, sequence_of ORDER BY touch_at, touch_id)::INTEGER AS place -- 1 was met first
FROM step;
