"""What a channel's spend brings: a curve of diminishing returns, its slope at today's spend, and how sure that is.

    pipeline of a month = exp(a + e log spend + c month), variance in proportion to the mean (quasi-Poisson)

`e` is the elasticity: between 0 and 1 each further unit of spend brings less than the one before. The trend `c` takes what
grows with the company and not with the spend. docs/forecast.md has the formulas, and what they cannot know.
"""

import math
import typing as t
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rules:
    """What budget.yml says."""

    minimum_months: int
    minimum_variation: float
    maximum_correlation: float
    maximum_change: float
    interval: float


@dataclass(frozen=True)
class Months:
    """Whole months of a channel: when (0, 1, 2, ...), what was spent on it and on the others, and the pipeline it brought."""

    month: np.ndarray
    spend: np.ndarray
    others: np.ndarray
    pipeline: np.ndarray
    present: float  # spend a month now


@dataclass(frozen=True)
class Response:
    """A fitted curve at today's spend and trend, or why there is none. `at` and `covariance` are of (a, e, c)."""

    status: str
    months: int
    spend: float
    lowest: float = 0.0  # months that were tried
    highest: float = 0.0
    elasticity: float | None = None
    elasticity_low: float | None = None
    elasticity_high: float | None = None
    pipeline: float | None = None  # of a month
    marginal: float | None = None
    marginal_low: float | None = None
    marginal_high: float | None = None
    at: np.ndarray | None = None
    covariance: np.ndarray | None = None
    freedom: int = 0


def respond(given: Months, rules: Rules) -> Response:
    """The response of one channel. Refused where months are too few, spend hardly moved, or its effect cannot be told."""
    tried = given.spend > 0
    month, spend, pipeline = given.month[tried].astype(float), given.spend[tried], np.maximum(given.pipeline[tried], 0.0)
    told = Response("ok", len(spend), given.present)
    reason = too_little(month, spend, given.others[tried], pipeline, given.present, rules)
    if reason:
        return refused(told, reason)
    centre = float(np.log(spend).mean())
    design = np.column_stack([np.ones(len(spend)), np.log(spend) - centre, (month - month[-1]) / 12])
    fitted = quasi_poisson(design, pipeline)
    if fitted is None:
        return refused(told, "no curve fits the months")
    values, covariance = fitted
    at = np.array([1.0, math.log(given.present) - centre, 0.0])
    return at_present(told, values, covariance, at, spend, rules)


def refused(told: Response, reason: str) -> Response:
    """The same channel without a curve."""
    return Response(f"refused: {reason}", told.months, told.spend)


def too_little(
    month: np.ndarray, spend: np.ndarray, others: np.ndarray, pipeline: np.ndarray, present: float, rules: Rules
) -> str | None:
    """Why nothing can be learnt from these months."""
    if len(spend) < rules.minimum_months:
        return f"{len(spend)} months with spend, {rules.minimum_months} needed"
    if present <= 0:
        return "nothing is spent on it now"
    if (pipeline > 0).sum() < len(spend) / 2:
        return f"{int((pipeline > 0).sum())} of {len(spend)} months brought pipeline, half of them needed"
    beyond = rules.maximum_change
    if not spend.min() * (1 - beyond) <= present <= spend.max() * (1 + beyond):
        return f"today's spend of {present:.2f} lies beyond the months learnt from, {spend.min():.2f} to {spend.max():.2f}"
    moved = without_trend(month, np.log(spend))
    if moved.std() < rules.minimum_variation:
        return f"spend moved by {moved.std():.1%} apart from its trend, {rules.minimum_variation:.0%} needed"
    correlation = together(month, spend, others)
    if abs(correlation) > rules.maximum_correlation:
        return f"its spend moved together with that of the other channels (correlation {correlation:.2f})"
    return None


def together(month: np.ndarray, spend: np.ndarray, others: np.ndarray) -> float:
    """How far a channel's spend moved with that of the others, trends taken out, from -1 to 1.

    Money in which there is none has no logarithm: then those months are left out, and all months are compared as money.
    """
    spent = others > 0
    found = 0.0
    if spent.sum() > 3:
        logs = (without_trend(month[spent], np.log(values[spent])) for values in (spend, others))
        found = correlated(*logs)
    if not spent.all():
        amounts = correlated(without_trend(month, spend), without_trend(month, others))
        found = amounts if abs(amounts) > abs(found) else found
    return found


def correlated(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two series around 0; 0 where one of them does not move."""
    size = math.sqrt(float((one @ one) * (other @ other)))
    return float(one @ other) / size if size > 1e-9 * max(1.0, float(np.abs(one).max())) else 0.0


def without_trend(month: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What is left of `values` when a straight line over the months is taken out."""
    line = np.column_stack([np.ones(len(month)), month])
    return values - line @ np.linalg.lstsq(line, values, rcond=None)[0]


def quasi_poisson(design: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Values of the columns and their covariance, by iterated weighted least squares; None where it comes to no end."""
    mean = np.maximum(counts, counts.mean() / 10)
    for _ in range(100):
        working = np.log(mean) + (counts - mean) / mean
        information = design.T @ (mean[:, None] * design)
        values = np.linalg.lstsq(information, design.T @ (mean * working), rcond=None)[0]
        updated = np.exp(np.clip(design @ values, -50, 50))
        if np.abs(updated - mean).max() <= 1e-10 * counts.mean():
            dispersion = float((((counts - updated) ** 2) / updated).sum() / (len(counts) - design.shape[1]))
            return values, dispersion * np.linalg.pinv(design.T @ (updated[:, None] * design))
        mean = updated
    return None


def at_present(
    told: Response, values: np.ndarray, covariance: np.ndarray, at: np.ndarray, spend: np.ndarray, rules: Rules
) -> Response:
    """The curve at today's spend, refused where it is not one of diminishing returns for sure enough."""
    freedom = told.months - len(values)
    reach = quantile(rules.interval, freedom)
    error = math.sqrt(covariance[1, 1])
    low, high = float(values[1]) - reach * error, float(values[1]) + reach * error
    if low <= 0:
        return refused(told, f"whether more spend brings more cannot be told (elasticity {low:.2f} to {high:.2f})")
    if low > 1:
        return refused(told, f"pipeline grew faster than spend (elasticity {low:.2f} to {high:.2f}): something else drove it")
    elasticity = min(float(values[1]), 1.0)
    pipeline = math.exp(float(at @ values))
    slope = elasticity * pipeline / told.spend
    gradient = slope * at + (pipeline / told.spend) * np.array([0.0, 1.0, 0.0])
    width = reach * math.sqrt(float(gradient @ covariance @ gradient))
    if width >= slope:
        return refused(told, f"the return of more spend is not known to be above 0 ({slope:.2f} ± {width:.2f})")
    return Response(
        "ok", told.months, told.spend, float(spend.min()), float(spend.max()), elasticity, low, high,
        pipeline, slope, slope - width, slope + width, at, covariance, freedom,
    )  # fmt: skip


def quantile(level: float, freedom: int) -> float:
    """How many standard errors an interval reaches to each side: Student's t."""
    # SQLMesh keeps the source of this function, not compiled functions that the file imported: so they are imported here.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))


def change(response: Response, spend: float) -> tuple[float, float]:
    """How much the pipeline of a month changes at another spend, and the standard error of that."""
    pipeline, elasticity = t.cast(float, response.pipeline), t.cast(float, response.elasticity)
    ratio = spend / response.spend
    gained = pipeline * (ratio**elasticity - 1)
    bent = pipeline * ratio**elasticity * math.log(ratio)
    gradient = gained * t.cast(np.ndarray, response.at) + np.array([0.0, bent, 0.0])
    return gained, math.sqrt(float(gradient @ t.cast(np.ndarray, response.covariance) @ gradient))
