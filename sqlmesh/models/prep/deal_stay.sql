MODEL (
  name prep.deal_stay,
  kind FULL,
  description 'What a deal was from one evening to the next change: its stage, won or lost, and its amount then. A step that lasted no evening is not seen.',
  owner revops,
  grain (opportunity_id, from_date),
  depends_on (core.opportunity),
  audits (
    not_null(columns := (opportunity_id, from_date, entered_date, stage, state)),
    unique_combination_of_columns(columns := (opportunity_id, from_date)),
    references_row(column := opportunity_id, parent := core.opportunity, parent_column := opportunity_id)
  )
);

WITH won_stage AS (
  -- What deals that are won are in now: what it meant when they were in it before.
  SELECT DISTINCT stage FROM core.opportunity WHERE is_won
),
step AS (
  SELECT
    s.opportunity_id,
    s.place,
    -- A deal without a history was open in some stage. That of today would tell, on every evening before, that it is not closed yet.
    CASE WHEN s.is_open AND NOT s.is_told THEN 'open' ELSE s.stage END AS stage,
    s.valid_from::DATE AS from_date,
    ROW_NUMBER() OVER (PARTITION BY s.opportunity_id, s.valid_from::DATE ORDER BY s.place DESC) AS from_evening,
    CASE
      WHEN s.is_open THEN 'open'
      WHEN s.is_current AND o.is_won THEN 'won'
      WHEN NOT s.is_current AND (LOWER(s.stage) LIKE '%won%' OR w.stage IS NOT NULL) THEN 'won'
      ELSE 'lost'
    END AS state,
    CASE WHEN s.is_current THEN o.amount ELSE @converted(s.amount_original, r.rate_to_reporting) END AS amount,
    CASE WHEN s.is_current THEN o.close_date ELSE s.valid_from::DATE END AS close_date,
    COALESCE(o.segment, '') AS segment
  FROM prep.deal_step AS s
  JOIN core.opportunity AS o ON o.opportunity_id = s.opportunity_id
  LEFT JOIN won_stage AS w ON w.stage = s.stage
  LEFT JOIN core.exchange_rate AS r ON r.currency = o.currency AND r.rate_date = COALESCE(o.created_date, s.valid_from::DATE)
  WHERE NOT o.is_deleted AND s.valid_from IS NOT NULL
),
evening AS (
  SELECT
    *,
    LEAD(from_date) OVER (PARTITION BY opportunity_id ORDER BY place) AS to_date,
    LAG(stage) OVER (PARTITION BY opportunity_id ORDER BY place) AS stage_before,
    LAG(state) OVER (PARTITION BY opportunity_id ORDER BY place) AS state_before
  FROM step
  WHERE from_evening = 1
)
SELECT
  opportunity_id::VARCHAR AS opportunity_id, -- the deal; deleted ones are left out
  from_date::DATE AS from_date, -- the first evening
  to_date::DATE AS to_date, -- the first evening that it was something else; NULL while it lasts
  MAX(CASE WHEN stage = stage_before AND state = state_before THEN NULL ELSE from_date END) OVER (
    PARTITION BY opportunity_id ORDER BY from_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )::DATE AS entered_date, -- the first evening in the stage; a change of the amount alone starts nothing
  stage::VARCHAR AS stage, -- as in its system; open where no history tells it
  state::VARCHAR AS state, -- open, won or lost
  amount::DECIMAL(18, 2) AS amount, -- then, in the reporting currency
  CASE WHEN state = 'won' THEN COALESCE(close_date, from_date) END::DATE AS booked_date, -- the day that the revenue counts on
  segment::VARCHAR AS segment -- of the deal; blank: unknown
FROM evening;
