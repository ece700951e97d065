"""True answers about content: outcomes, sequences, gaps and concentration, by trying everything there is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations

from infra.sandbox.company import Company
from infra.sandbox.truth.attribution import Given
from infra.sandbox.truth.deals import DealStory
from infra.sandbox.truth.events import Event, OfMonth, Whole, first_of_month
from infra.sandbox.truth.people import has_reached
from infra.sandbox.truth.touches import TrueTouch

FEWEST_DEALS, MOST_ASSETS, MOST_LISTED = 5, 20, 100
LENGTHS = (2, 3)
CURVE_MONTHS, CURVE_SHARE = 12, Decimal("0.8")
ANYTHING = "anything"
Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Assets, or kinds of assets, in the order of their first consumption; `deals` met it."""

    of: str
    steps: Steps
    deals: frozenset[int]

    @property
    def name(self) -> str:
        """As a dashboard shows it."""
        return " > ".join(self.steps)

    @property
    def rank(self) -> tuple[int, tuple[str, ...]]:
        """Orders sequences of a kind and length: the most deals first, then by key."""
        return -len(self.deals), tuple(map(slug, self.steps))


@dataclass(frozen=True, slots=True)
class Point:
    """An asset on the curve of a month."""

    asset: str
    revenue: Decimal
    share: Decimal | None  # of it and all that made more; None where nothing was made
    is_key: bool | None


def slug(name: str) -> str:
    """The key under which the warehouse keeps an asset."""
    return name.strip().lower().replace(" ", "-").replace("_", "-")


def kinds_of_content(company: Company) -> dict[str, str]:
    """What kind of asset each is; a newsletter is an e-mail."""
    newsletters = {f"Newsletter {campaign.name}": "email" for campaign in company.campaigns}
    return newsletters | {content.key: content.kind for content in company.contents}


def outcome_events(assets: set[str], stories: Iterable[DealStory]) -> Iterator[Event]:
    """For each asset the deals that closed, and those that had met it before. Nobody asks it by channel."""
    months = set()
    for story in stories:
        if story.is_closed:
            met = len(assets & {touch.content for touch in story.touches})
            won, on = story.is_won, story.deal.closed_on
            counted = {
                "deals_closed_with_content": met,
                "deals_won_with_content": met if won else 0,
                "deals_lost_with_content": 0 if won else met,
                "deals_closed_for_content": len(assets),
                "deals_won_for_content": len(assets) if won else 0,
                "deals_lost_for_content": 0 if won else len(assets),
            }
            yield from (Event(metric, on, (), value) for metric, value in counted.items())
            months.add(first_of_month(on))
    yield from (OfMonth("assets_compared", month, (), len(assets)) for month in months)
    if months:
        yield Whole("assets_compared", max(months), (), len(assets))


def frequent_sequences(stories: Iterable[DealStory], kinds: dict[str, str]) -> list[Sequence]:
    """Every sequence that enough closed deals met, of each kind and length those of the most deals."""
    met: dict[tuple[str, Steps], set[int]] = defaultdict(set)
    for story in stories:
        if story.is_closed:
            for of, items in _first_met(story, kinds).items():
                for length in LENGTHS:
                    for steps in combinations(items[:MOST_ASSETS], length):
                        met[of, steps].add(story.deal.number)
    frequent = [Sequence(*key, frozenset(deals)) for key, deals in met.items() if len(deals) >= FEWEST_DEALS]
    groups: dict[tuple[str, int], list[Sequence]] = defaultdict(list)
    for one in sorted(frequent, key=lambda one: one.rank):
        groups[one.of, len(one.steps)].append(one)
    return [one for group in groups.values() for one in group[:MOST_LISTED]]


def _first_met(story: DealStory, kinds: dict[str, str]) -> dict[str, list[str]]:
    """The assets of a deal and their kinds, each once, in the order in which it met them."""
    assets = list(dict.fromkeys(touch.content for touch in story.touches if touch.content))
    return {"asset": assets, "content_type": list(dict.fromkeys(kinds[asset] for asset in assets))}


def sequence_events(sequences: list[Sequence], stories: Iterable[DealStory]) -> Iterator[Event]:
    """For each sequence the deals that closed, and those that had met it before; nothing where none is frequent."""
    for story in stories:
        if sequences and story.is_closed:
            met = sum(story.deal.number in one.deals for one in sequences)
            won, on = story.is_won, story.deal.closed_on
            counted = {
                "content_sequence_deals": met,
                "deals_won_with_sequence": met if won else 0,
                "revenue_with_sequence": met * story.money if won else 0,
                "deals_closed_for_sequence": len(sequences),
                "deals_won_for_sequence": len(sequences) if won else 0,
            }
            yield from (Event(metric, on, (), value) for metric, value in counted.items())


def stages_of(story: DealStory, now: datetime) -> dict[str, set[str]]:
    """The stages that a deal was in, and the content that it met in each."""
    renamed = dict(story.deal.stage_names)
    steps = [(renamed.get(stage, stage), at) for stage, at in story.deal.stages if at <= now]
    steps = [(stage, at) for stage, at in steps if not stage.startswith("Closed")]
    opened_at = min((at for _, at in steps), default=datetime.max)
    mql_at, sql_at = (_reached(story, stage, now) for stage in ("mql", "sql"))
    met: dict[str, set[str]] = {"lead": set()}
    if mql_at < min(sql_at, opened_at):
        met["mql"] = set()
    if sql_at < opened_at:
        met["sql"] = set()
    met |= {stage: set() for stage, _ in steps}
    way = [("lead", datetime.min), ("mql", mql_at), ("sql", sql_at), *steps]
    for touch in story.touches:
        if touch.content:
            met[[stage for stage, at in way if at <= touch.at][-1]].add(touch.content)
    return met


def _reached(story: DealStory, stage: str, now: datetime) -> datetime:
    """When the first of the deal's people reached a stage."""
    reached = (person.reached[stage] for person in story.people if has_reached(person, stage, now))
    return min(reached, default=datetime.max)


def gap_events(
    stories: Iterable[DealStory], kinds: dict[str, str], now: datetime, stage: str = "", met: str = ANYTHING
) -> Iterator[Event]:
    """The deals that were in the stages (or in one), and those that met content (of a kind) in it."""
    seen: dict[date, set[str]] = defaultdict(set)
    for story in stories:
        if story.is_closed:
            for name, content in stages_of(story, now).items():
                if stage in ("", name):
                    seen[first_of_month(story.deal.closed_on)].add(name)
                    counts = any(met in (ANYTHING, kinds[asset]) for asset in content)
                    yield from _in_stage(story, counts)
    for month, names in seen.items():
        yield OfMonth("stages_compared", month, (), len(names))
    if seen:
        yield Whole("stages_compared", max(seen), (), len(set().union(*seen.values())))


def _in_stage(story: DealStory, has_met: bool) -> Iterator[Event]:
    for side, counts in (("won", story.is_won), ("lost", not story.is_won)):
        yield Event(f"deals_{side}_in_stage", story.deal.closed_on, (), int(counts))
        yield Event(f"deals_{side}_with_stage_content", story.deal.closed_on, (), int(counts and has_met))


def curve_events(given: Given, touches: Iterable[TrueTouch], asset: str = "") -> Iterator[Event]:
    """The curve of each month, and over all of them that of the last; of all assets or one."""
    told: list[tuple[date, list[Point]]] = []
    for month, points in curves(given, touches):
        chosen = [point for point in points if asset in ("", point.asset)]
        if chosen:
            told.append((month, chosen))
            yield from _of_curve(OfMonth, month, chosen)
    if told and (not asset or told[-1][0] == month):
        yield from _of_curve(Whole, *told[-1])


def _of_curve(kind: type[Event], month: date, points: list[Point]) -> Iterator[Event]:
    yield kind("content_assets", month, (), len(points))
    yield kind("content_year_revenue", month, (), sum((point.revenue for point in points), Decimal(0)))
    shares = [point.share for point in points if point.share is not None]
    if shares:
        yield kind("content_key_assets", month, (), sum(bool(point.is_key) for point in points))
        yield kind("content_cumulative_share", month, (), max(shares))


def curves(given: Given, touches: Iterable[TrueTouch]) -> Iterator[tuple[date, list[Point]]]:
    """For each month, from the first in which a deal was won to the last, the assets by what they made."""
    earned: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    months = {first_of_month(journey.on) for journey, _ in given if journey.kind == "revenue"}
    for journey, credit in given:
        if journey.kind == "revenue" and credit.touch is not None and credit.touch.content:
            earned[first_of_month(journey.on), credit.touch.content] += credit.money or 0
    known: dict[str, date] = {}
    for touch in touches:
        if touch.content:
            known.setdefault(touch.content, first_of_month(touch.at.date()))
    month = min(months, default=date.max)
    while months and month <= max(months):
        since = (month.year * 12 + month.month) - CURVE_MONTHS
        made = {asset: Decimal(0) for asset, first in known.items() if first <= month}
        for (when, asset), money in earned.items():
            if when <= month and when.year * 12 + when.month > since:
                made[asset] += money
        yield month, _curve(made)
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _curve(made: dict[str, Decimal]) -> list[Point]:
    total, before, points = sum(made.values(), Decimal(0)), Decimal(0), []
    for asset, revenue in sorted(made.items(), key=lambda one: (-one[1], slug(one[0]))):
        share = (before + revenue) / total if total > 0 else None
        points.append(Point(asset, revenue, share, before < total * CURVE_SHARE if total > 0 else None))
        before += revenue
    return points
