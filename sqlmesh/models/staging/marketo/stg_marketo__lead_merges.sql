MODEL (
  name staging.stg_marketo__lead_merges,
  kind FULL,
  description 'Marketo merges: the loser became part of the winner.',
  owner marketing_ops,
  grain loser_id,
  audits (
    not_null(columns := (loser_id)),
    unique_values(columns := (loser_id)),
    same_row_count(other := raw.marketo__lead_merges)
  )
);

SELECT
  loser_id::VARCHAR AS loser_id, -- the record that went
  winner_id::VARCHAR AS winner_id, -- the record that lives on
  merged_at::TIMESTAMP AS merged_at -- UTC
FROM raw.marketo__lead_merges;
