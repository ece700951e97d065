"""What is asked of tables: stays in stages, the funnel by month, ancestors, and what the audit finds."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.campaigns.conftest import Company
from tests.campaigns.expected import month
from tests.campaigns.rows import DEPTH, READERS, SHELF, salesforce_id
from tests.campaigns.told import Deal

pytestmark = pytest.mark.timeout(900)


def stays(deal: Deal) -> list[tuple[str, datetime, float | None]]:
    """(stage, entered, days): the same stage twice in a row is one stay; at one instant the present stage is last."""
    last = max(deal.stays, key=lambda step: step[1])[1]
    final = deal.stays[-1][0]
    steps = sorted(deal.stays, key=lambda step: (step[1], step[1] == last and step[0] == final))
    entries = [step for number, step in enumerate(steps) if not number or steps[number - 1][0] != step[0]]
    ends = [*(at for _, at in entries[1:]), None]
    return [
        (stage, at, (end - at).total_seconds() / 86400 if end else None)
        for (stage, at), end in zip(entries, ends, strict=True)
    ]


def test_how_long_deals_stayed_in_each_stage(built_company: Company) -> None:
    shown: dict[str, list[Any]] = {}
    for deal, stage, entered, days in built_company.select(
        "SELECT opportunity_id, stage, valid_from, days FROM core.opportunity_stage ORDER BY opportunity_id, place"
    ):
        shown.setdefault(deal, []).append((stage, entered, None if days is None else float(days)))
    told = {deal.key: stays(deal) for deal in built_company.told.deals if deal.stays}
    assert len(told) > 50
    for key, expected in told.items():
        assert [step[:2] for step in shown[key]] == [step[:2] for step in expected], key
        assert [step[2] for step in shown[key]] == pytest.approx([step[2] for step in expected], abs=1e-6), (
            key
        )


def test_the_funnel_by_month_leaves_out_who_was_deleted(built_company: Company) -> None:
    people = [person for person in built_company.told.people if person.counts]
    assert len(people) < len(built_company.told.people)
    for stage in ("mql", "sql"):
        expected = Counter((month(at), p.channel, p.row["region"]) for p in people if (at := p.first(stage)))
        rows = built_company.select(
            f"SELECT month, channel, region, {stage}s FROM marts.funnel_month WHERE {stage}s > 0"
        )
        assert {tuple(row[:3]): row[3] for row in rows} == expected


def test_ancestors_to_any_depth_and_none_twice(built_company: Company) -> None:
    rows = built_company.select(
        "SELECT ancestor_id, depth FROM core.campaign_ancestor WHERE campaign_id = 'deep-30'"
    )
    assert sorted(rows, key=lambda row: row[1]) == [(f"deep-{DEPTH - up}", up) for up in range(DEPTH + 1)]
    below = built_company.select(
        "SELECT ancestor_id, depth FROM core.campaign_ancestor WHERE campaign_id = 'a-below'"
    )
    assert sorted(below) == [("a-below", 0), ("below", 1), ("round-1", 2), ("round-2", 3)]


def test_what_sequences_leave_out_is_told(built_company: Company) -> None:
    found = built_company.select(
        "SELECT rule, detail FROM ops.audit_finding WHERE rule IN ('content_beyond_the_limit', 'content_sequences_cut')"
    )
    beyond = [detail for rule, detail in found if rule == "content_beyond_the_limit"]
    assert beyond == [f"met {SHELF} assets before its close: sequences are made of the first 20"] * READERS
    assert len(found) == READERS + 2


def test_what_the_audit_finds_of_campaigns_and_stages(built_company: Company) -> None:
    found = built_company.select("SELECT rule, entity_id FROM ops.audit_finding")
    of = {rule: {entity for kind, entity in found if kind == rule} for rule, _ in found}
    assert of["campaign_cycle"] == {"round-1", "round-2", salesforce_id("701", 8)}
    assert of["campaign_orphan"] == {salesforce_id("701", 9)}
    people = built_company.told.people
    early = [p for p in people if any((at := p.first(stage)) and at < p.created for stage in ("mql", "sql"))]
    turned = [p for p in people if (mql := p.first("mql")) and (sql := p.first("sql")) and sql < mql]
    assert (len(of["stage_before_lead"]), len(of["sql_before_mql"])) == (len(early), len(turned))
    assert turned
