"""Credit that is learned is built where the journey changed, or what Markov learned; else its rows stay."""

import pytest

from tests.infra.small_world import World

LARGE = "attribution.learned_credit"
SHARED = (
    "macros/attribution.py",
    "models/attribution/learned_event.sql",
    "models/attribution/learned_credit.sql",
    "audits/built_from_current_learning.sql",
    "audits/house.sql",
)
# Every deal is a journey of two touches, on channel a and then b; a fourth deal makes b worth more.
MODELS = {
    "event": """
MODEL (name attribution.credited_event, kind FULL, grain deal_id);
SELECT
  'revenue'::TEXT AS credit_kind,
  deal_id::TEXT AS deal_id,
  amount::DECIMAL(18, 2) AS amount,
  @digest_of(deal_id, amount)::BIGINT AS journey_version
FROM raw.files__deals
""",
    "touch": """
MODEL (name attribution.journey_touch, kind FULL, grain touch_id);
SELECT
  e.credit_kind::TEXT AS credit_kind, e.deal_id::TEXT AS credited_id, e.deal_id::TEXT AS opportunity_id,
  'jane'::TEXT AS person_id, (e.deal_id || c.channel)::TEXT AS touch_id, NULL::TEXT AS campaign_id,
  NULL::TEXT AS content_id, c.channel::TEXT AS channel, 'built'::TEXT AS source, NULL::TEXT AS medium,
  NULL::TEXT AS region, NULL::TEXT AS segment, NULL::TEXT AS industry, NULL::TEXT AS product, NULL::TEXT AS owner,
  '2026-01-01'::TIMESTAMP AS touch_at, '2026-02-01'::TIMESTAMP AS credited_at, e.amount::DECIMAL(18, 2) AS amount,
  c.position::INT AS position, 2::INT AS touch_count, e.journey_version::BIGINT AS journey_version
FROM attribution.credited_event AS e
CROSS JOIN (SELECT 'a' AS channel, 1 AS position UNION ALL SELECT 'b', 2) AS c
""",
    "learned": """
MODEL (name attribution.data_driven, kind FULL, grain name);
SELECT
  m.attribution_model::TEXT AS attribution_model,
  'revenue'::TEXT AS credit_kind,
  'channel'::TEXT AS level,
  c.channel::TEXT AS name,
  'ok'::TEXT AS status,
  (CASE WHEN c.channel = 'b' AND COUNT(*) > 3 THEN 0.6 WHEN c.channel = 'b' THEN 0.5 ELSE 0.2 END)::DOUBLE AS share
FROM attribution.credited_event AS e
CROSS JOIN (SELECT 'a' AS channel UNION ALL SELECT 'b') AS c
CROSS JOIN (SELECT 'markov' AS attribution_model UNION ALL SELECT 'shapley') AS m
GROUP BY m.attribution_model, c.channel
""",
}
DEALS = [("1", 10), ("2", 200), ("3", 30)]


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "world", MODELS, LARGE, SHARED)
    world.load(DEALS)
    world.mark("source")
    return world


def notes(world):
    """{(model, deal): what its two rows say}."""
    found = {}
    for model, deal, source in world.rows("attribution_model, credited_id, source"):
        found.setdefault((model, deal), set()).add(source)
    return found


def test_a_journey_that_changed_is_built_and_the_others_stay(world, tmp_path):
    deals = [("1", 10), ("2", 201), ("3", 30)]
    world.load(deals)
    assert notes(world) == {
        (model, deal): {"built" if deal == "2" else "kept"}
        for model in ("markov", "shapley")
        for deal in ("1", "2", "3")
    }
    assert world.is_what_a_build_from_nothing_gives(tmp_path / "other", deals, "source")


def test_what_markov_learned_anew_is_credited_anew_and_shapley_stays(world, tmp_path):
    before = world.rows("weight", "attribution")
    deals = [*DEALS, ("4", 40)]
    world.load(deals)
    found = notes(world)
    assert [found["markov", deal] for deal in "1234"] == [{"built"}] * 4
    assert [found["shapley", deal] for deal in "1234"] == [{"kept"}] * 3 + [{"built"}]
    assert before != world.rows("weight", "attribution")
    assert world.is_what_a_build_from_nothing_gives(tmp_path / "other", deals, "source")
