"""One telling of the company at an instant: what happened, worked out once and read by every metric."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain

from infra.sandbox.company import Company, Person, SpendDay
from infra.sandbox.truth.attribution import Given, credit_events, given_credit
from infra.sandbox.truth.books import flat_days, reconciled_events, spend_events, target_events, visit_events
from infra.sandbox.truth.campaigns import campaign_events, cohort_events, programs
from infra.sandbox.truth.content import (
    ANYTHING,
    Sequence,
    curve_events,
    frequent_sequences,
    gap_events,
    kinds_of_content,
    outcome_events,
    sequence_events,
    stages_of,
)
from infra.sandbox.truth.credit import rule_models
from infra.sandbox.truth.data_driven import data_driven_models
from infra.sandbox.truth.deals import DealStory, balance_events, deal_events, deal_stories
from infra.sandbox.truth.events import Event, by_month
from infra.sandbox.truth.journeys import KINDS, Journey, journeys
from infra.sandbox.truth.people import is_gone, people_events
from infra.sandbox.truth.recipes import (
    CAMPAIGN_METRICS,
    CONTENT_METRICS,
    CREDIT_METRICS,
    GAP_METRICS,
    OWNER_METRICS,
    SEQUENCE_METRICS,
)
from infra.sandbox.truth.shares import shared_events
from infra.sandbox.truth.touches import TrueTouch, touch_events, touches
from infra.sandbox.vocabulary import OWNERS

DEFAULT_MODEL = "first"


@dataclass(frozen=True, slots=True)
class Chapter:
    """The events of one member, an attribution model, a campaign, a program, an owner or an asset, and what they
    answer."""

    by: str
    member: str
    events: Iterator[Event]
    metrics: frozenset[str]


class Story:
    """The company as it truly was by `now`."""

    def __init__(self, company: Company, now: datetime) -> None:
        self.company = company
        self.now = now

    @cached_property
    def touches(self) -> list[TrueTouch]:
        """Every touch, in order."""
        return touches(self.company, self.now)

    @cached_property
    def deals(self) -> list[DealStory]:
        """Every deal that is not deleted."""
        return deal_stories(self.company, self.now, self.touches)

    @cached_property
    def journeys(self) -> list[Journey]:
        """The ways to everything that credit is given for."""
        return journeys(self.company, self.now, self.touches, self.deals)

    @cached_property
    def people(self) -> list[Person]:
        """Everybody who is there: not merged into somebody else, not deleted."""
        return [p for p in self.company.people if p.created_at <= self.now and not is_gone(p, self.now)]

    @cached_property
    def spend(self) -> list[SpendDay]:
        """What has been paid."""
        metered = [spend for spend in self.company.spend if spend.day <= self.now.date()]
        return [*metered, *flat_days(self.company, self.now)]

    @cached_property
    def default_credit(self) -> Given:
        """The credit of the glossary's default model."""
        return self._credit(DEFAULT_MODEL)

    @cached_property
    def assets(self) -> set[str]:
        """Every asset that a touch or the origin of a lead names."""
        return {t.content for t in self.touches if t.content} | {
            p.first_touch.content.key for p in self.people
        }

    @cached_property
    def kinds(self) -> dict[str, str]:
        """What kind of asset each is."""
        return kinds_of_content(self.company)

    @cached_property
    def sequences(self) -> list[Sequence]:
        """The sequences that are listed."""
        return frequent_sequences(self.deals, self.kinds)

    def events(self) -> Iterator[Event]:
        """Everything that counts, with the credit of the default model."""
        return chain(
            people_events(self.company, self.now),
            deal_events(self.deals),
            shared_events(self.deals),
            balance_events(self.company, self.deals, self.now),
            spend_events(self.spend),
            touch_events(self.touches),
            credit_events(self.default_credit),
            campaign_events(self.deals),
            cohort_events(self.people, self.spend, self.deals, self.now),
            outcome_events(self.assets, self.deals),
            sequence_events([o for o in self.sequences if (o.of, len(o.steps)) == ("asset", 2)], self.deals),
            gap_events(self.deals, self.kinds, self.now),
            curve_events(self.default_credit, self.touches),
            visit_events(self.company, self.now),
            target_events(self.company),
            reconciled_events(self.spend, self.deals),
        )

    def chapters(self, built_on: date) -> Iterator[Chapter]:
        """Each attribution model, campaign, program, owner and asset."""
        taught = data_driven_models(self.company, self.now, built_on, self.touches, self.deals, self.journeys)
        given = {model: self._credit(model) for model in rule_models()}
        given |= {model: given_credit(self.journeys, givers) for model, givers in taught.items()}
        spent = by_month(spend_events(self.spend))
        for model, credit in given.items():
            told = chain(credit_events(credit), curve_events(credit, self.touches), spent)
            kinds = taught.get(model, KINDS)
            metrics = frozenset(metric for metric, kind in CREDIT_METRICS.items() if kind in kinds)
            yield Chapter("attribution_model", model, told, metrics)
        for campaign in self.company.campaigns:
            by = "campaign" if campaign.channel else "parent_campaign"
            keys = {one.key for one in self.company.campaigns if campaign.key in (one.key, one.parent)}
            yield Chapter(by, campaign.name, self._of_campaigns(keys), CAMPAIGN_METRICS)
        for program, keys in programs(self.company).items():
            yield Chapter("program", program, self._of_campaigns(keys), CAMPAIGN_METRICS)
        for owner in OWNERS:
            yield Chapter("owner", owner, shared_events(self.deals, owner), OWNER_METRICS)
        for asset in sorted(self.assets):
            yield Chapter("content", asset, self._of_asset(asset), CONTENT_METRICS)
        for one in self.sequences:
            met_it = sequence_events([one], self.deals)
            yield Chapter("content_sequence,sequence_of", f"{one.name} / {one.of}", met_it, SEQUENCE_METRICS)
        for stage in sorted({stage for deal in self.deals for stage in stages_of(deal, self.now)}):
            for met in (ANYTHING, *sorted(set(self.kinds.values()))):
                in_it = gap_events(self.deals, self.kinds, self.now, stage, met)
                yield Chapter("journey_stage,content_met", f"{stage} / {met}", in_it, GAP_METRICS)

    def _credit(self, model: str) -> Given:
        return given_credit(self.journeys, dict.fromkeys(KINDS, rule_models()[model]))

    def _of_campaigns(self, keys: set[str]) -> Iterator[Event]:
        paid = [spend for spend in self.spend if spend.campaign.key in keys]
        people = [person for person in self.people if person.first_touch.campaign in keys]
        born = [story for story in self.deals if story.champion.first_touch.campaign in keys]
        credit = [one for one in self.default_credit if one[1].touch and one[1].touch.campaign in keys]
        return chain(
            spend_events(paid),
            credit_events(credit),
            campaign_events(self.deals, lambda touch: touch.campaign in keys),
            cohort_events(people, paid, born, self.now),
        )

    def _of_asset(self, asset: str) -> Iterator[Event]:
        credit = [one for one in self.default_credit if one[1].touch and one[1].touch.content == asset]
        return chain(
            touch_events([touch for touch in self.touches if touch.content == asset]),
            credit_events(credit),
            campaign_events(self.deals, lambda touch: touch.content == asset),
            outcome_events({asset}, self.deals),
            curve_events(self.default_credit, self.touches, asset),
        )
