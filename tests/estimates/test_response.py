"""Responses of channels whose curve is known, and of months that nothing can be learnt from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, stats

from tests.estimates.maths import load

maths = load("response")
RULES = maths.Rules(12, 0.1, 0.9, 0.2, 0.9)


def months(
    spend: list[float], pipeline: list[float], others: float | np.ndarray = 100.0, present: float = 100.0
) -> object:
    size = len(spend)
    beside = np.full(size, others) if isinstance(others, float) else others
    return maths.Months(np.arange(size), np.array(spend, float), beside, np.array(pipeline, float), present)


def world(
    seed: int, elasticity: float, deal: float = 5_000.0, size: int = 24, trend: float = 0.0
) -> tuple[object, float]:
    """Months of a channel that brings 50,000 for 10,000, in lumps of about `deal`, and its true marginal return."""
    draw = np.random.default_rng(seed)
    spend = 10_000 * np.exp(draw.normal(0, 0.4, size))
    mean = 50_000 * (spend / 10_000) ** elasticity * np.exp(trend * np.arange(size) / 12)
    lumps = [draw.lognormal(math.log(deal) - 0.1, 0.45, count).sum() for count in draw.poisson(mean / deal)]
    present = float(spend[-3:].mean())
    beside = np.exp(draw.normal(9, 0.3, size))
    last = 50_000 * (present / 10_000) ** elasticity * math.exp(trend * (size - 1) / 12)
    return months(list(spend), lumps, beside, present), elasticity * last / present


def test_two_levels_of_spend_can_be_counted_by_hand() -> None:
    # 100 brings 8, 10 or 12, in the mean 10; 200 brings 13, 15 or 17, in the mean 15; the months mirror each other.
    spend = [100, 200, 100, 200, 100, 200, 200, 100, 200, 100, 200, 100]
    pipeline = [8, 13, 10, 15, 12, 17, 17, 12, 15, 10, 13, 8]
    told = maths.respond(months(spend, pipeline), RULES)
    elasticity = math.log(15 / 10) / math.log(200 / 100)
    assert told.status == "ok"
    assert told.elasticity == pytest.approx(elasticity)
    assert told.pipeline == pytest.approx(10)
    assert told.marginal == pytest.approx(elasticity * 10 / 100)
    assert maths.change(told, 120.0)[0] == pytest.approx(10 * (1.2**elasticity - 1))
    assert told.marginal_low < told.marginal < told.marginal_high


def test_known_curves_are_within_their_intervals() -> None:
    held = told = 0
    for seed in range(60):
        given, marginal = world(seed, 0.5, trend=0.2)
        response = maths.respond(given, RULES)
        if response.status == "ok":
            told += 1
            held += response.marginal_low <= marginal <= response.marginal_high
    assert told >= 40
    assert held >= 0.8 * told


def test_spend_that_brings_nothing_more_is_refused() -> None:
    refused = sum(
        maths.respond(world(seed, 0.0)[0], RULES).status.startswith("refused") for seed in range(60)
    )
    assert refused >= 54  # an interval of 90 % is above 0 by chance one time in twenty


def test_what_grows_with_the_company_is_not_taken_for_a_response() -> None:
    size = 24
    spend = [100 * 1.05**n * (1.4 if n % 2 else 1) for n in range(size)]
    pipeline = [1000 * 1.05**n * (0.97 if n % 4 < 2 else 1.03) for n in range(size)]
    assert "cannot be told" in maths.respond(months(spend, pipeline, present=300.0), RULES).status


UP = [100.0, 140.0] * 6
STEADY = [100.0 * 1.1**n for n in range(12)]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (months(UP[:10], UP[:10]), "10 months with spend, 12 needed"),
        (months([0.0, 0.0, *UP[:10]], UP), "10 months with spend, 12 needed"),
        (months(UP, UP, present=0.0), "nothing is spent on it now"),
        (months(UP, [5.0, *[0.0] * 11]), "1 of 12 months brought pipeline, half of them needed"),
        (months(STEADY, STEADY), "spend moved by 0.0% apart from its trend, 10% needed"),
        (
            months(UP, UP, np.array(UP) * 3),
            "moved together with that of the other channels (correlation 1.00)",
        ),
        (months(UP, [10.0, 40.0] * 6), "pipeline grew faster than spend"),
        (months(UP * 3, [5.0] * 17 + [0.0] * 19), "17 of 36 months brought pipeline, half of them needed"),
        (months(UP, UP, np.array([0.0, *UP[1:]])), "moved together with that of the other channels"),
        (months(UP, [40.0, 10.0] * 6), "whether more spend brings more cannot be told (elasticity -"),
        (months(UP, UP, present=168.1), "168.10 lies beyond the months learnt from, 100.00 to 140.00"),
        (months(UP, UP, present=79.9), "79.90 lies beyond the months learnt from, 100.00 to 140.00"),
        (months([0.0] * 13, [5.0] * 13), "0 months with spend, 12 needed"),
        (months([100.0] * 12, UP), "spend moved by 0.0% apart from its trend, 10% needed"),
    ],
)
def test_what_nothing_can_be_learnt_from_is_refused(given: object, reason: str) -> None:
    told = maths.respond(given, RULES)
    assert told.status.startswith("refused: ")
    assert reason in told.status
    assert (told.elasticity, told.marginal) == (None, None)


def test_the_curve_is_that_of_the_likelihood_s_maximum() -> None:
    """Estimate and standard error again, by a general optimizer and differences instead of weighted least squares."""
    given, _ = world(5, 0.6, trend=0.3)
    told = maths.respond(given, RULES)
    spend, pipeline = np.log(given.spend), given.pipeline  # type: ignore[attr-defined]
    design = np.column_stack([np.ones(24), spend - spend.mean(), (np.arange(24) - 23) / 12])

    def loss(values: np.ndarray) -> float:
        mean = np.exp(design @ values)
        return float((mean - pipeline * np.log(mean)).sum() / pipeline.mean())

    found = optimize.minimize(loss, np.array([math.log(pipeline.mean()), 0.5, 0.0]), tol=1e-12)
    assert told.elasticity == pytest.approx(found.x[1], abs=1e-4)
    mean = np.exp(design @ found.x)
    information = sum(mean[month] * np.outer(design[month], design[month]) for month in range(24))
    dispersion = (((pipeline - mean) ** 2) / mean).sum() / (24 - 3)
    error = math.sqrt(dispersion * np.linalg.inv(information)[1, 1])
    reach = stats.t.ppf(0.95, 24 - 3)
    assert told.elasticity_low == pytest.approx(found.x[1] - reach * error, rel=1e-3)
    assert told.elasticity_high == pytest.approx(found.x[1] + reach * error, rel=1e-3)


def test_one_outlier_month_makes_the_response_less_certain_not_more() -> None:
    given, _ = world(5, 0.6)
    calm = maths.respond(given, RULES)
    pipeline = np.array(given.pipeline)  # type: ignore[attr-defined]
    pipeline[3] *= 20
    told = maths.respond(months(list(given.spend), list(pipeline), given.others, given.present), RULES)  # type: ignore[attr-defined]
    assert calm.status == "ok"
    assert told.status.startswith("refused: whether more spend brings more cannot be told")
