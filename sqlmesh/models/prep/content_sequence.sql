MODEL (
  name prep.content_sequence,
  kind FULL,
  description 'Which closed deals met which frequent sequence: two or three assets (or kinds of assets) in this order, others may lie between.',
  owner content_marketing,
  grain (sequence_id, opportunity_id),
  audits (
    not_null(columns := (sequence_id, opportunity_id, sequence_of, length, step_1, step_2, deals, place)),
    unique_combination_of_columns(columns := (sequence_id, opportunity_id))
  )
);

-- A sequence of three can only be frequent where its three pairs are (Agrawal and Srikant, Mining sequential patterns,
-- 1995), so that few triples are ever made.
WITH step AS (
  SELECT opportunity_id, sequence_of, item, place
  FROM prep.content_step
  WHERE place <= @content_setting(sequences, most_assets)
),
pair AS (
  SELECT a.opportunity_id, a.sequence_of, a.item AS step_1, b.item AS step_2, b.place AS last_place
  FROM step AS a
  JOIN step AS b ON b.opportunity_id = a.opportunity_id AND b.sequence_of = a.sequence_of AND b.place > a.place
),
frequent_pair AS (
  SELECT sequence_of, step_1, step_2
  FROM pair
  GROUP BY sequence_of, step_1, step_2
  HAVING COUNT(*) >= @content_setting(sequences, minimum_deals)
),
kept AS (
  SELECT p.*
  FROM pair AS p
  JOIN frequent_pair AS f ON f.sequence_of = p.sequence_of AND f.step_1 = p.step_1 AND f.step_2 = p.step_2
),
found AS (
  SELECT opportunity_id, sequence_of, 2 AS length, step_1, step_2, NULL::VARCHAR AS step_3
  FROM kept
  UNION ALL
  -- The third step follows the second in one frequent pair and the first in another.
  SELECT a.opportunity_id, a.sequence_of, 3, a.step_1, a.step_2, b.step_2
  FROM kept AS a
  JOIN kept AS b ON b.opportunity_id = a.opportunity_id AND b.sequence_of = a.sequence_of AND b.step_1 = a.step_2
  JOIN frequent_pair AS f ON f.sequence_of = a.sequence_of AND f.step_1 = a.step_1 AND f.step_2 = b.step_2
),
counted AS (
  SELECT sequence_of, length, step_1, step_2, step_3, COUNT(*) AS deals
  FROM found
  GROUP BY sequence_of, length, step_1, step_2, step_3
  HAVING COUNT(*) >= @content_setting(sequences, minimum_deals)
),
ranked AS (
  SELECT
    *,
    @key_of(sequence_of, step_1, step_2, step_3) AS sequence_id,
    ROW_NUMBER() OVER (PARTITION BY sequence_of, length ORDER BY deals DESC, step_1, step_2, step_3) AS place
  FROM counted
)
SELECT
  r.sequence_id::VARCHAR AS sequence_id, -- key of the sequence
  f.opportunity_id::VARCHAR AS opportunity_id, -- a deal that met it
  r.sequence_of::VARCHAR AS sequence_of, -- asset or content_type
  r.length::INTEGER AS length, -- 2 or 3
  r.step_1::VARCHAR AS step_1, -- met first
  r.step_2::VARCHAR AS step_2, -- met later
  r.step_3::VARCHAR AS step_3, -- met later still; NULL in a sequence of two
  r.deals::BIGINT AS deals, -- that met the sequence
  r.place::INTEGER AS place -- 1 was met by the most deals, of its kind and length
FROM ranked AS r
JOIN found AS f
  ON f.sequence_of = r.sequence_of AND f.length = r.length AND f.step_1 = r.step_1 AND f.step_2 = r.step_2
  AND COALESCE(f.step_3, '') = COALESCE(r.step_3, '');
