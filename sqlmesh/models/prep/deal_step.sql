MODEL (
  name prep.deal_step,
  kind FULL,
  description 'A stage and amount that a deal had from one instant to the next. Without a history at its source: open since creation, then closed.',
  owner revops,
  grain (opportunity_id, place),
  audits (
    not_null(columns := (opportunity_id, place, stage, is_open, is_told)),
    unique_combination_of_columns(columns := (opportunity_id, place))
  )
);

WITH ending AS (
  -- In Salesforce the stage decides whether a deal is closed, whatever the stage is called: the deals that are in it tell.
  SELECT stage
  FROM prep.deal
  WHERE source_system = 'salesforce' AND stage IS NOT NULL
  GROUP BY stage
  HAVING MIN(CASE WHEN is_closed THEN 1 ELSE 0 END) = 1
),
told AS (
  SELECT
    h.opportunity_id,
    h.history_id AS step_id,
    h.changed_at,
    h.stage,
    h.amount,
    CASE WHEN LOWER(h.stage) LIKE 'closed%' OR e.stage IS NOT NULL THEN 1 ELSE 0 END AS is_end
  FROM staging.stg_salesforce__opportunity_history AS h
  LEFT JOIN ending AS e ON e.stage = h.stage
  WHERE h.changed_at IS NOT NULL
  UNION ALL
  SELECT
    'hubspot:deal:' || s.deal_id,
    s.stage_id,
    s.occurred_at,
    COALESCE(p.stage, s.stage_id),
    d.amount,
    CASE WHEN p.is_closed OR LOWER(COALESCE(p.stage, s.stage_id)) LIKE 'closed%' THEN 1 ELSE 0 END
  FROM staging.stg_hubspot__deal_stages AS s
  JOIN staging.stg_hubspot__deals AS d ON d.deal_id = s.deal_id
  LEFT JOIN staging.stg_hubspot__pipelines AS p ON p.pipeline_id = d.pipeline_id AND p.stage_id = s.stage_id
),
step AS (
  SELECT
    d.opportunity_id,
    t.step_id,
    t.changed_at,
    t.stage,
    COALESCE(t.amount, d.amount_original) AS amount,
    -- Of changes at one last instant the present stage came last; before, ids tell.
    CASE WHEN t.stage = d.stage AND t.changed_at = MAX(t.changed_at) OVER (PARTITION BY t.opportunity_id) THEN 1 ELSE 0 END AS is_present,
    t.is_end,
    1 AS is_told
  FROM prep.deal AS d
  JOIN told AS t ON t.opportunity_id = d.opportunity_id
),
known AS (
  SELECT
    opportunity_id,
    MIN(changed_at) AS first_at,
    MAX(changed_at) AS last_at,
    MAX(CASE WHEN from_the_end = 1 THEN is_end END) AS ends_closed
  FROM (
    SELECT
      opportunity_id,
      changed_at,
      is_end,
      ROW_NUMBER() OVER (PARTITION BY opportunity_id ORDER BY changed_at DESC, is_present DESC, step_id DESC) AS from_the_end
    FROM step
  ) AS s
  GROUP BY opportunity_id
),
every_step AS (
  SELECT * FROM step
  UNION ALL
  -- A history may begin after the deal did, or not be there at all.
  SELECT
    d.opportunity_id,
    'a',
    d.created_at,
    CASE WHEN d.is_closed OR k.opportunity_id IS NOT NULL THEN 'open' ELSE COALESCE(d.stage, 'open') END,
    d.amount_original,
    0,
    0,
    0
  FROM prep.deal AS d
  LEFT JOIN known AS k ON k.opportunity_id = d.opportunity_id
  WHERE
    CASE
      WHEN k.opportunity_id IS NOT NULL THEN d.created_at::DATE < k.first_at::DATE
      ELSE d.created_at IS NOT NULL AND (NOT d.is_closed OR d.created_at < d.closed_at)
    END
  UNION ALL
  -- A history may end before the close, or not be there at all: until the close the deal was open.
  SELECT
    d.opportunity_id,
    'b',
    d.closed_at,
    COALESCE(d.stage, CASE WHEN d.is_won THEN 'won' ELSE 'lost' END),
    d.amount_original,
    1,
    1,
    0
  FROM prep.deal AS d
  LEFT JOIN known AS k ON k.opportunity_id = d.opportunity_id
  WHERE d.is_closed AND (k.opportunity_id IS NULL OR (k.ends_closed = 0 AND k.last_at < d.closed_at))
),
placed AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY opportunity_id ORDER BY changed_at, is_present, step_id) AS place,
    LEAD(changed_at) OVER (PARTITION BY opportunity_id ORDER BY changed_at, is_present, step_id) AS next_at,
    COUNT(*) OVER (PARTITION BY opportunity_id) AS steps
  FROM every_step
)
SELECT
  p.opportunity_id::VARCHAR AS opportunity_id, -- the deal
  p.place::INTEGER AS place, -- 1 is the first
  COALESCE(p.stage, 'unknown')::VARCHAR AS stage, -- as in its system
  p.amount::DECIMAL(18, 2) AS amount_original, -- in the currency of the deal
  p.changed_at::TIMESTAMP AS valid_from, -- UTC
  p.next_at::TIMESTAMP AS valid_to, -- UTC; NULL while it lasts
  (p.place = p.steps)::BOOLEAN AS is_current, -- the step it is in now
  -- What the deal is now is known; before, the stage has to tell.
  CASE WHEN p.place = p.steps THEN NOT d.is_closed ELSE p.is_end = 0 END::BOOLEAN AS is_open, -- not won or lost
  (p.is_told = 1)::BOOLEAN AS is_told -- by a history at its source; else it is only known that the deal was open, or closed
FROM placed AS p
JOIN prep.deal AS d ON d.opportunity_id = p.opportunity_id;
