"""A large model keeps the rows that a change does not touch, and the result is what a build from nothing gives."""

import pytest

from infra.errors import MistakeError
from infra.review.large import Kept
from tests.infra.small_world import World

LARGE = "attribution.journey_touch"
MODELS = {
    "deal": """
MODEL (name core.deal, kind FULL, grain deal_id);
SELECT deal_id::TEXT AS deal_id, amount::DECIMAL(18, 2) AS amount FROM raw.files__deals
""",
    "event": """
MODEL (name attribution.credited_event, kind FULL, grain deal_id);
SELECT
  deal_id::TEXT AS deal_id,
  amount::DECIMAL(18, 2) AS amount,
  @digest_of(deal_id, amount)::BIGINT AS journey_version
FROM core.deal
""",
    "touch": """
MODEL (
  name attribution.journey_touch,
  kind CUSTOM (materialization 'changed_journeys', materialization_properties (version = 'journey_version')),
  description 'What is credited.',
  grain deal_id
);
@delete_stale_journeys();
SELECT
  e.deal_id::TEXT AS deal_id,
  (e.amount * 1)::DECIMAL(18, 2) AS credit,
  'built'::TEXT AS note,
  e.journey_version::BIGINT AS journey_version
FROM attribution.credited_event AS e
WHERE @is_to_build(e.journey_version)
""",
}
DEALS = [("1", 10), ("2", 200), ("3", 30)]


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "world", MODELS, LARGE)
    world.load(DEALS)
    world.mark("note")
    return world


def test_a_change_before_a_large_model_builds_the_rows_that_it_touches(world, tmp_path):
    world.edit("deal", "amount::", "(CASE deal_id WHEN '3' THEN 31 ELSE amount END)::")
    world.edit("deal", " FROM raw", ", closed_at::TIMESTAMP AS closed_at FROM raw")
    planned = world.plan(forward_only=True)
    assert "core.deal" in planned.changed
    assert planned.large == (Kept(LARGE, rows=3, kept=2),)
    assert world.rows("deal_id, credit::INT, note", "attribution__dev") == [
        ("1", 10, "kept"), ("2", 200, "kept"), ("3", 31, "built"),
    ]  # fmt: skip
    assert world.rows("credit::INT") == [(10,), (30,), (200,)], "prod is as it was"

    assert world.promote().built == 0
    deals = [("1", 10), ("2", 201), ("4", 40)]
    world.load(deals)
    assert world.rows("deal_id, note") == [("1", "kept"), ("2", "built"), ("4", "built")]
    assert world.is_what_a_build_from_nothing_gives(tmp_path / "other", deals, "note")


def test_a_rule_of_its_own_that_changed_is_refused_and_built_anew_without_the_flag(world, tmp_path):
    world.edit("touch", "e.amount * 1", "e.amount * 2")
    with pytest.raises(MistakeError, match=rf"the rule of {LARGE} is another than prod's: all 3 rows"):
        world.plan(forward_only=True)
    with pytest.raises(MistakeError, match="there is no environment 'dev'"):
        world.promote()
    assert world.plan(forward_only=False).large == (Kept(LARGE, rows=3, kept=0),)
    assert world.promote().built == 0
    assert world.rows("credit::INT, note") == [(20, "built"), (60, "built"), (400, "built")]
    assert world.is_what_a_build_from_nothing_gives(tmp_path / "other", DEALS, "note")

    world.edit("touch", "What is credited", "What is given")
    assert world.plan(forward_only=True).large == (), "another description makes no table"


def test_a_refresh_that_takes_a_change_keeps_rows_too_and_a_former_rule_comes_back(world, tmp_path):
    world.edit("touch", "e.amount * 1", "e.amount * 2")
    world.load(DEALS)
    world.edit("touch", "e.amount * 2", "e.amount * 1")
    world.edit("event", "FROM core.deal", "FROM core.deal WHERE deal_id <> '2'")
    world.load(DEALS)
    assert world.rows("deal_id, credit::INT, note") == [("1", 10, "kept"), ("3", 30, "kept")]
    assert world.is_what_a_build_from_nothing_gives(tmp_path / "other", DEALS, "note")
