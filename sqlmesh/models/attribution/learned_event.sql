MODEL (
  name attribution.learned_event,
  kind FULL,
  description 'Each credited event and each data-driven model that has learned enough to credit it, with a version of all that this credit depends on.',
  owner marketing_ops,
  grain (attribution_model, journey_version),
  audits (
    not_null(columns := (attribution_model, journey_version, learned_version)),
    unique_combination_of_columns(columns := (attribution_model, journey_version)),
    unique_values(columns := (learned_version))
  )
);

-- Markov divides a journey in the ratio of what its channels were found to be worth, so that each journey depends on all of
-- them. Shapley's closed form needs the journey alone.
WITH taught AS (
  SELECT
    attribution_model,
    credit_kind,
    SUM(CASE WHEN attribution_model = 'shapley' THEN 0 ELSE @digest_of(name, share) END) AS learned
  FROM attribution.data_driven
  WHERE level = 'channel' AND status = 'ok'
  GROUP BY attribution_model, credit_kind
)
SELECT
  m.attribution_model::VARCHAR AS attribution_model, -- markov or shapley
  e.journey_version::BIGINT AS journey_version, -- of the event
  @digest_of(m.attribution_model, e.journey_version, m.learned)::BIGINT AS learned_version -- the same version, the same credit
FROM attribution.credited_event AS e
JOIN taught AS m ON m.credit_kind = e.credit_kind;
