"""The company at an instant: the clock that an admin can move on, and what is visible at it."""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from infra.sandbox.company import Campaign, Company, Deal, FlatCost, Person


@dataclass(slots=True)
class World:
    """The company and its clock. `version` changes with everything that changes an answer."""

    company: Company
    now: datetime = field(init=False)
    version: int = 0
    # What was done by hand, and when: who lost their company and their deal, companies and ad campaigns that
    # were removed, people and deals that were deleted for good: no list shows that they ever were.
    detached: dict[int, datetime] = field(default_factory=dict)
    closed_accounts: dict[int, datetime] = field(default_factory=dict)
    removed_campaigns: set[str] = field(default_factory=set)
    purged_people: set[int] = field(default_factory=set)
    purged_deals: set[int] = field(default_factory=set)
    custom: dict[str, str] = field(default_factory=dict)  # fields that somebody added to the CRMs, by type
    _created: list[datetime] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.now = datetime.combine(self.company.until, time(23, 59, 59))
        self._created = [person.created_at for person in self.company.people]

    def advance(self, days: int) -> None:
        """Let `days` days pass: new leads, stages, spend, closed deals."""
        self.now += timedelta(days=days)
        self.version += 1

    def cost_of(self, campaign: Campaign, system: str) -> FlatCost | None:
        """What a system states that the campaign cost altogether."""
        return next(
            (c for c in self.company.costs if c.campaign.key == campaign.key and c.stated_in == system), None
        )

    def people(self) -> list[Person]:
        """Everyone who has become a lead by now, in order of creation, merged and deleted ones too."""
        return self.company.people[: bisect_right(self._created, self.now)]

    def deal_of(self, person: Person) -> Deal | None:
        """The deal that the person has opened by now."""
        deal = person.deal
        return deal if deal is not None and deal.created_at <= self.now else None

    def reached(self, person: Person) -> list[tuple[str, datetime]]:
        """The stages that the person has reached by now, in order."""
        return [(stage, at) for stage, at in person.reached.items() if at <= self.now]

    def stage_changes(self, person: Person) -> list[tuple[str, datetime]]:
        """`reached` with recycling: back to lead, and an MQL again."""
        changes = self.reached(person)
        for at in person.recycled:
            changes += [("lead", at - timedelta(days=10)), ("mql", at)]
        return sorted((one for one in changes if one[1] <= self.now), key=lambda one: one[1])

    def is_merged(self, person: Person) -> bool:
        """Whether the marketing system has merged the person's record into another by now."""
        return person.merged_in == "map" and self.is_merged_in_crm(person)

    def is_merged_in_crm(self, person: Person) -> bool:
        """Whether the CRM has merged the person's record into another by now."""
        return person.merged_at is not None and person.merged_at <= self.now

    def absorbed(self, person: Person) -> list[Person]:
        """Everyone whose record has become part of the person's by now, over any number of merges."""
        direct = [other for at, other in person.absorbed if at <= self.now]
        return [*direct, *(one for other in direct for one in self.absorbed(other))]

    def is_deleted(self, person: Person) -> bool:
        """Whether the person's record has been deleted by now."""
        return person.deleted_at is not None and person.deleted_at <= self.now

    def last_change(self, person: Person) -> datetime:
        """The newest instant by now at which anything about the person changed."""
        instants = [at for _, at in self.reached(person)]
        instants += [touch.at for touch in person.touches if touch.at <= self.now]
        instants += [at for at, _ in person.absorbed if at <= self.now]
        instants += [at for at in person.recycled if at <= self.now]
        instants += [at for at in (person.merged_at, person.deleted_at) if at is not None and at <= self.now]
        return max(instants)

    def last_touched(self, person: Person) -> datetime:
        """`last_change` where losing a company counts as one, as in HubSpot."""
        changed = self.last_change(person)
        return max(changed, self.detached.get(person.number, changed))

    def merge(self, count: int) -> list[tuple[int, int]]:
        """Merge `count` pairs of people of one account, now; (survivor, merged) numbers.

        The merged ones are leads and no more, so that the survivor's dates stay what they were.
        """
        pairs: list[tuple[int, int]] = []
        latest: dict[int, Person] = {}
        for person in self.people():
            if len(pairs) == count:
                break
            if person.merged_at is not None or person.deleted_at is not None:
                continue
            keeper = latest.get(person.account.number)
            if keeper is None:
                latest[person.account.number] = person
                continue
            if len(person.reached) > 1:
                continue
            self._merge(keeper, person)
            pairs.append((keeper.number, person.number))
        return pairs

    def delete(self, count: int) -> list[int]:
        """Delete the records of `count` people without deals, now; their numbers."""
        if not count:
            return []
        free = [p for p in self.people() if p.deal is None and p.merged_at is None and p.deleted_at is None]
        self._tick()
        for person in free[:count]:
            person.deleted_at = self.now
        return [person.number for person in free[:count]]

    def restore(self, count: int) -> list[int]:
        """Bring back `count` of the deleted people, now; their numbers. Their last change stays what it was."""
        gone = [p for p in self.people() if self.is_deleted(p) and p.number not in self.purged_people]
        for person in gone[:count]:
            self._tick()
            person.deleted_at = None
        return [person.number for person in gone[:count]]

    def add_field(self, name: str, kind: str) -> None:
        """Add a field of `kind` (text or number) to people in both CRMs, or change its kind."""
        self._tick()
        self.custom[name] = kind

    def custom_value(self, name: str, person: Person) -> str:
        """What the field holds of a person."""
        return str(person.number % 3) if self.custom[name] == "number" else f"{name} {person.number % 3}"

    def purge(self, count: int) -> list[int]:
        """Delete `count` people without deals and as many deals for good, now; the people's numbers."""
        gone = self.delete(count)
        self.purged_people.update(gone)
        self.purged_deals.update(self.delete_deals(count))
        return gone

    def delete_deals(self, count: int) -> list[int]:
        """Delete the deals of `count` people, now; their numbers."""
        free = [p for p in self.people() if (d := self.deal_of(p)) is not None and d.deleted_at is None]
        for person in free[:count]:
            self._tick()
            assert person.deal is not None
            person.deal = replace(person.deal, deleted_at=self.now)
        return [person.number for person in free[:count]]

    def detach(self, count: int) -> list[int]:
        """Take `count` people without deals, and as many with, away from their company and deal, now."""
        live = [p for p in self.people() if not p.merged_at and not p.deleted_at and not p.joined]
        chosen = [p for p in live if p.deal is None and p.number not in self.detached][-count or len(live) :]
        chosen += [p for p in live if self.deal_of(p) is not None][-count or len(live) :]
        for person in chosen:
            self._tick()
            self.detached[person.number] = self.now
        return [person.number for person in chosen]

    def close_accounts(self, count: int) -> list[int]:
        """Remove the companies of the last `count` people, now; the companies' numbers."""
        chosen = list(dict.fromkeys(p.account.number for p in reversed(self.people())))[:count]
        for number in chosen:
            self._tick()
            self.closed_accounts.setdefault(number, self.now)
        return chosen

    def remove_campaigns(self, count: int) -> list[str]:
        """Remove the first `count` campaigns of each ad platform, now; their keys."""
        chosen: list[str] = []
        for platform in sorted({c.platform for c in self.company.campaigns if c.platform}):
            chosen += [c.key for c in self.company.campaigns if c.platform == platform][:count]
        if chosen:
            self._tick()
        self.removed_campaigns.update(chosen)
        return chosen

    def _merge(self, keeper: Person, other: Person) -> None:
        self._tick()
        other.merged_into, other.merged_at = keeper, self.now
        keeper.absorbed = (*keeper.absorbed, (self.now, other))

    def _tick(self) -> None:
        self.now += timedelta(seconds=1)
        self.version += 1
