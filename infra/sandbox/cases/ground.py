"""The company that cases are planted in: who is still free, and who fits."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from infra.sandbox.company import Company, Person, Planted

EACH = 3  # how often a case is planted, in a company that is large enough


@dataclass
class Field:
    """The company being planted: who is still free, and chance."""

    rng: random.Random
    company: Company
    taken: set[int] = field(default_factory=set)

    @property
    def end(self) -> datetime:
        """The last instant of the company's reported months."""
        return datetime.combine(self.company.until, datetime.max.time())

    @property
    def first_day(self) -> datetime:
        """The first instant of the company's months."""
        return datetime.combine(self.company.first_month, datetime.min.time())

    def people(self, fits: Callable[[Person], bool], count: int = EACH) -> Iterator[Person]:
        """Up to `count` people nobody has planted anything on, well before the end."""
        latest = self.end - timedelta(days=120)
        for person in self.company.people:
            if count and person.number not in self.taken and person.created_at < latest and fits(person):
                self.taken.add(person.number)
                count -= 1
                yield person


Planter = Callable[[Field], Iterable[Planted]]


def is_only_lead(person: Person) -> bool:
    """A lead and nothing more, whose account's deal they have not joined."""
    return len(person.reached) == 1


def is_only_mql(person: Person) -> bool:
    """Qualified, not accepted."""
    return list(person.reached) == ["lead", "mql"] and not person.recycled


def has_closed_deal(person: Person) -> bool:
    """Has a deal that is closed long before the end, or will be."""
    return person.deal is not None and (person.deal.closed_at - person.deal.created_at).days > 14


def has_won_deal(person: Person) -> bool:
    """Has a deal that ends won."""
    return has_closed_deal(person) and person.deal is not None and person.deal.is_won


def on_deal(case: int, person: Person, **changes: object) -> Planted:
    """Change a person's deal, as the case says."""
    assert person.deal is not None
    person.deal = replace(person.deal, **changes)  # type: ignore[arg-type]
    return Planted(case, "deal", person.number)
