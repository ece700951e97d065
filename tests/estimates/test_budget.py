"""The same budget divided better: to the cent, within bounds, and no division is better."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from infra.settings import PROJECT
from semantic.loader import load_glossary
from tests.estimates.maths import load
from tests.estimates.test_response import RULES, world

maths, budget, channels = load("response"), load("budget"), load("channels")
GIVEN: dict[str, Any] = yaml.safe_load((PROJECT / "sqlmesh" / "budget.yml").read_text())


def known(spend: float, pipeline: float, elasticity: float, error: float = 0.01, tried: float = 10.0) -> Any:
    """A response that is known well; `error` is the standard error of a and e."""
    marginal = elasticity * pipeline / spend
    return maths.Response(
        "ok", 24, spend, spend / tried, spend * tried, elasticity, elasticity - error, elasticity + error, pipeline,
        marginal, marginal, marginal, np.array([1.0, 0.0, 0.0]), np.diag([error**2, error**2, 0.0]), 21,
    )  # fmt: skip


def test_money_goes_where_a_further_unit_brings_more() -> None:
    plan = budget.divide({"low": known(1000.01, 2000, 0.3), "high": known(500.02, 4000, 0.6)}, RULES)
    now, then = {s.channel: s.now for s in plan.shifts}, {s.channel: s.proposed for s in plan.shifts}
    assert plan.status == "ok"
    assert then["high"] == pytest.approx(500.02 * 1.2, abs=0.01)  # as far as it may go
    assert round(sum(then.values()) * 100) == round(sum(now.values()) * 100)
    assert plan.low < plan.gain < plan.high
    assert plan.gain == pytest.approx(
        4000 * (1.2**0.6 - 1) + 2000 * ((then["low"] / 1000.01) ** 0.3 - 1), abs=0.1
    )


def test_no_other_division_brings_more() -> None:
    given = {
        "a": known(1000, 3000, 0.4),
        "b": known(1500, 3000, 0.5),
        "c": known(800, 1200, 0.8),
        "d": known(300, 0.5, 0.2),
    }
    plan = budget.divide(given, RULES)
    best = 0.0
    steps = np.linspace(0.8, 1.2, 21)
    for a, b, c in itertools.product(steps, repeat=3):
        last = (3600 - 1000 * a - 1500 * b - 800 * c) / 300
        if 0.8 <= last <= 1.2:
            ratios = zip(given.values(), (a, b, c, last), strict=True)
            best = max(best, sum(one.pipeline * (ratio**one.elasticity - 1) for one, ratio in ratios))
    assert plan.gain >= best - 1e-6
    assert all(0.8 * s.now - 0.011 <= s.proposed <= 1.2 * s.now + 0.011 for s in plan.shifts)


def test_nothing_is_proposed_beyond_what_was_tried() -> None:
    plan = budget.divide({"a": known(1000, 2000, 0.3), "b": known(500, 4000, 0.6, tried=1.05)}, RULES)
    assert {s.channel: s.proposed for s in plan.shifts}["b"] == pytest.approx(525, abs=0.01)


def test_straight_lines_go_all_the_way() -> None:
    plan = budget.divide({"a": known(1000, 2000, 1.0), "b": known(1000, 4000, 1.0)}, RULES)
    assert [(s.channel, s.proposed) for s in plan.shifts] == [("a", 800), ("b", 1200)]


def test_one_channel_or_a_gain_within_its_error_is_refused() -> None:
    assert (
        "1 of 1 channels is known, two are needed" in budget.divide({"a": known(10, 20, 0.5)}, RULES).status
    )
    alike = {"a": known(1000, 2000, 0.5, error=0.3), "b": known(1000, 2100, 0.5, error=0.3)}
    plan = budget.divide(alike, RULES)
    assert "cannot be told from nothing" in plan.status
    assert (plan.shifts, plan.gain) == ((), None)


FIRST = 2024 * 12


def company(*elasticities: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spend and credit of a channel for each of the elasticities; the deals come in the month after the touch."""
    spend, credit = [], []
    for place, elasticity in enumerate(elasticities):
        given, _ = world(100 + place, elasticity, deal=1_000.0, size=36)
        for month, spent, pipeline in zip(given.month, given.spend, given.pipeline, strict=True):
            spend.append((f"c{place}", FIRST + month, spent * (1 + 3 * place)))
            credit.append((f"c{place}", FIRST + month, FIRST + month + 1, pipeline))
    return (
        pd.DataFrame(spend, columns=["channel", "month", "spend"]),
        pd.DataFrame(credit, columns=["channel", "touched", "credited", "pipeline"]),
    )


def test_a_company_with_known_curves_is_given_a_plan() -> None:
    spend, credit = company(0.7, 0.3, 0.0)
    rows = list(channels.responses(spend, credit, FIRST + 35, GIVEN))
    by = {row["channel"]: row for row in rows}
    assert [by[name]["status"][:7] for name in ("c0", "c1", "c2", None)] == ["ok", "ok", "refused", "ok"]
    assert (
        by["c0"]["month_to"].isoformat() == "2026-11-01"
    )  # the deals of December's touches are still to come
    assert by["c0"]["elasticity_low"] <= 0.7 <= by["c0"]["elasticity_high"]
    assert by["c1"]["elasticity_low"] <= 0.3 <= by["c1"]["elasticity_high"]
    assert by["c0"]["spend_proposed"] > by["c0"]["spend_now"]
    assert by["c2"]["spend_proposed"] == by["c2"]["spend_now"]
    proposed = sum(round(by[name]["spend_proposed"] * 100) for name in ("c0", "c1", "c2"))
    assert proposed == round(by[None]["spend_now"] * 100) == round(by[None]["spend_proposed"] * 100)
    assert by[None]["pipeline_change_low"] > 0


def test_a_company_of_noise_is_refused() -> None:
    spend, credit = company(0.0, 0.0, 0.0)
    rows = list(channels.responses(spend, credit, FIRST + 35, GIVEN))
    assert all(row["status"].startswith("refused: ") for row in rows)
    assert all(row.get("spend_proposed") is None for row in rows)


def test_later_months_change_nothing_that_was_learnt_before() -> None:
    spend, credit = company(0.7, 0.3)
    told = list(channels.responses(spend, credit, FIRST + 30, GIVEN))
    until = spend[spend["month"] <= FIRST + 30], credit[credit["credited"] <= FIRST + 30]
    assert list(channels.responses(*until, FIRST + 30, GIVEN)) == told


def test_the_pipeline_is_credited_by_the_glossary_s_default_model() -> None:
    glossary = load_glossary(PROJECT / "semantic" / "glossary")
    required = {one.dimension: one.default for one in glossary.models["credit"].required}
    assert required["attribution_model"] == GIVEN["attribution_model"]


def test_spend_that_nothing_is_credited_to_yet_is_refused_not_a_failure() -> None:
    spent = {"channel": ["email"], "month": [pd.Timestamp("2025-03-01")], "spend": [10.0]}
    nothing = {
        "touched": pd.Series([], dtype="datetime64[us]"),
        "credited": pd.Series([], dtype="datetime64[us]"),
    }
    spend = channels.numbered(pd.DataFrame(spent), "month")
    credit = channels.numbered(
        pd.DataFrame({"channel": [], "pipeline": []}).assign(**nothing), "touched", "credited"
    )
    rows = list(channels.responses(spend, credit, int(spend["month"].iloc[0]) + 3, GIVEN))
    assert [row["status"][:7] for row in rows] == ["refused", "refused"]
