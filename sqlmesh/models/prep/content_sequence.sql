MODEL (
  name prep.content_sequence,
  kind FULL,
  description 'Which closed deals met which frequent sequence: two or three assets (or kinds of assets) in this order, others may lie between. Of each kind and length those of the most deals.',
  owner content_marketing,
  grain (sequence_id, opportunity_id),
  audits (
    not_null(columns := (sequence_id, opportunity_id, sequence_of, length, step_1, step_2, deals, place, frequent)),
    unique_combination_of_columns(columns := (sequence_id, opportunity_id))
  )
);

-- A sequence of three can only be frequent where its three pairs are (Agrawal and Srikant, Mining sequential patterns,
-- 1995), so that few triples are ever made. Numbers are lighter keys than texts: a basket is a deal's assets or their
-- kinds, a pair is first * 1,000,000 + second.
WITH numbered AS (
  SELECT
    opportunity_id,
    sequence_of,
    item,
    place,
    DENSE_RANK() OVER (ORDER BY sequence_of, opportunity_id) AS basket,
    DENSE_RANK() OVER (ORDER BY sequence_of, item) AS number,
    COUNT(*) OVER (PARTITION BY sequence_of, item) AS deals
  FROM prep.content_step
  WHERE place <= @content_setting(sequences, most_assets)
),
step AS (
  SELECT basket, number, place
  FROM numbered
  WHERE deals >= @content_setting(sequences, minimum_deals)
),
pair AS (
  SELECT a.basket, a.number AS step_1, b.number AS step_2, a.number * 1000000 + b.number AS pair
  FROM step AS a
  JOIN step AS b ON b.basket = a.basket AND b.place > a.place
),
frequent_pair AS (
  SELECT pair, COUNT(*) AS deals
  FROM pair
  GROUP BY pair
  HAVING COUNT(*) >= @content_setting(sequences, minimum_deals)
),
kept AS (
  SELECT p.basket, p.step_1, p.step_2, p.pair
  FROM pair AS p
  JOIN frequent_pair AS f ON f.pair = p.pair
),
triple AS (
  -- The third step follows the second in one frequent pair and the first in another.
  SELECT a.basket, a.pair, b.step_2 AS step_3
  FROM kept AS a
  JOIN kept AS b ON b.basket = a.basket AND b.step_1 = a.step_2
  JOIN frequent_pair AS f ON f.pair = a.step_1 * 1000000 + b.step_2
),
counted AS (
  SELECT pair, 0 AS step_3, deals FROM frequent_pair
  UNION ALL
  SELECT pair, step_3, COUNT(*)
  FROM triple
  GROUP BY pair, step_3
  HAVING COUNT(*) >= @content_setting(sequences, minimum_deals)
),
named AS (
  SELECT number, MIN(sequence_of) AS sequence_of, MIN(item) AS item FROM numbered GROUP BY number
),
ranked AS (
  -- Numbers are in the order of the items, so ties break by the items.
  SELECT
    c.pair,
    c.step_3,
    c.deals,
    n.sequence_of,
    n.item AS item_1,
    CASE WHEN c.step_3 = 0 THEN 2 ELSE 3 END AS length,
    ROW_NUMBER() OVER (PARTITION BY n.sequence_of, CASE WHEN c.step_3 = 0 THEN 2 ELSE 3 END ORDER BY c.deals DESC, c.pair, c.step_3) AS place,
    COUNT(*) OVER (PARTITION BY n.sequence_of, CASE WHEN c.step_3 = 0 THEN 2 ELSE 3 END) AS frequent
  FROM counted AS c
  JOIN named AS n ON n.number = FLOOR(c.pair / 1000000)
),
listed AS (
  SELECT * FROM ranked WHERE place <= @content_setting(sequences, most_listed)
),
met AS (
  SELECT l.pair, l.step_3, k.basket
  FROM listed AS l
  JOIN kept AS k ON k.pair = l.pair
  WHERE l.step_3 = 0
  UNION ALL
  SELECT l.pair, l.step_3, t.basket
  FROM listed AS l
  JOIN triple AS t ON t.pair = l.pair AND t.step_3 = l.step_3
),
basket AS (
  SELECT DISTINCT basket, opportunity_id FROM numbered
)
SELECT
  @key_of(l.sequence_of, l.item_1, b.item, c.item)::VARCHAR AS sequence_id, -- key of the sequence
  d.opportunity_id::VARCHAR AS opportunity_id, -- a deal that met it
  l.sequence_of::VARCHAR AS sequence_of, -- asset or content_type
  l.length::INTEGER AS length, -- 2 or 3
  l.item_1::VARCHAR AS step_1, -- met first
  b.item::VARCHAR AS step_2, -- met later
  c.item::VARCHAR AS step_3, -- met later still; NULL in a sequence of two
  l.deals::BIGINT AS deals, -- that met the sequence
  l.place::INTEGER AS place, -- 1 was met by the most deals, of its kind and length
  l.frequent::BIGINT AS frequent -- how many sequences of its kind and length enough deals met; those of the most are here
FROM met AS m
JOIN listed AS l ON l.pair = m.pair AND l.step_3 = m.step_3
JOIN basket AS d ON d.basket = m.basket
JOIN named AS b ON b.number = MOD(l.pair, 1000000)
LEFT JOIN named AS c ON c.number = l.step_3;
