MODEL (
  name core.opportunity_split,
  kind FULL,
  description 'A deal in the parts of those who share it. What nobody shares belongs to its owner. The parts are the deal, to the cent.',
  owner revops,
  grain opportunity_split_id,
  audits (
    not_null(columns := (opportunity_split_id, opportunity_id, share)),
    unique_values(columns := (opportunity_split_id)),
    accepted_range(column := share, min_v := 0, max_v := 1),
    references_row(column := opportunity_id, parent := core.opportunity, parent_column := opportunity_id),
    parts_are_the_deal()
  )
);

-- Overlays come on top of a deal and are nobody's revenue. Where several types split the amount, one of them counts.
WITH counted AS (
  SELECT opportunity_id, split_type_id
  FROM staging.stg_salesforce__opportunity_split
  WHERE is_revenue AND NOT is_deleted AND percentage > 0
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY opportunity_id
    ORDER BY CASE WHEN split_type = 'Revenue' THEN 0 ELSE 1 END, split_type_id, split_id
  ) = 1
),
split AS (
  SELECT s.opportunity_id, s.owner, s.percentage
  FROM staging.stg_salesforce__opportunity_split AS s
  JOIN counted AS c ON c.opportunity_id = s.opportunity_id AND COALESCE(c.split_type_id, '') = COALESCE(s.split_type_id, '')
  WHERE s.is_revenue AND NOT s.is_deleted AND s.percentage > 0
),
given AS (
  SELECT opportunity_id, SUM(percentage) AS percentage
  FROM split
  GROUP BY opportunity_id
),
part AS (
  SELECT opportunity_id, owner, percentage FROM split
  UNION ALL
  SELECT o.opportunity_id, o.owner, 100 - COALESCE(g.percentage, 0)
  FROM core.opportunity AS o
  LEFT JOIN given AS g ON g.opportunity_id = o.opportunity_id
  WHERE COALESCE(g.percentage, 0) < 100
),
by_owner AS (
  SELECT opportunity_id, owner, SUM(percentage) AS percentage
  FROM part
  GROUP BY opportunity_id, owner
),
placed AS (
  SELECT
    opportunity_id,
    owner,
    ROW_NUMBER() OVER (PARTITION BY opportunity_id ORDER BY percentage DESC, owner) AS place,
    SUM(percentage) OVER (PARTITION BY opportunity_id ORDER BY percentage DESC, owner ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS up_to,
    SUM(percentage) OVER (PARTITION BY opportunity_id) AS total
  FROM by_owner
),
summed AS (
  -- Each part is what the parts up to it are worth, less what those before it are: rounding loses no cent.
  SELECT
    p.opportunity_id,
    p.owner,
    p.place,
    o.created_date,
    o.close_date,
    (p.up_to / p.total)::DECIMAL(18, 12) AS share,
    (o.amount::DECIMAL(26, 2) * (p.up_to / p.total)::DECIMAL(18, 12))::DECIMAL(18, 2) AS amount
  FROM placed AS p
  JOIN core.opportunity AS o ON o.opportunity_id = p.opportunity_id
)
SELECT
  @key_of(opportunity_id, owner)::VARCHAR AS opportunity_split_id, -- key
  opportunity_id::VARCHAR AS opportunity_id, -- the deal
  owner::VARCHAR AS owner, -- whose part it is; the rest of a deal is its owner's
  (share - COALESCE(LAG(share) OVER (PARTITION BY opportunity_id ORDER BY place), 0))::DECIMAL(18, 12) AS share, -- of the deal; the shares of a deal sum to 1
  (amount - COALESCE(LAG(amount) OVER (PARTITION BY opportunity_id ORDER BY place), 0))::DECIMAL(18, 2) AS amount, -- in the reporting currency; NULL where the deal has none
  created_date::DATE AS created_date, -- the day the deal was opened
  close_date::DATE AS close_date -- expected, or actual once closed
FROM summed;
