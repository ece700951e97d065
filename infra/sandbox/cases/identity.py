"""Cases 2 to 12: one person or account under several names."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from infra.sandbox.cases.ground import Field, has_won_deal, is_only_lead, is_only_mql, on_deal
from infra.sandbox.company import Person, Planted


def merge_chains(ground: Field) -> Iterator[Planted]:
    """Case 2: merge chain A -> B -> C."""
    for keeper in ground.people(lambda p: True):
        others = list(ground.people(_leads_after(keeper.created_at), 2))
        if len(others) == 2:
            middle, last = others
            _merge(last, middle, ground.end - timedelta(days=40))
            _merge(middle, keeper, ground.end - timedelta(days=30))
            yield Planted(2, "person", keeper.number, f"{last.number} -> {middle.number} -> {keeper.number}")


def merges_in_the_crm(ground: Field) -> Iterator[Planted]:
    """Case 3: merged in one system only."""
    for keeper in ground.people(is_only_mql):
        latest = keeper.reached["mql"]
        for other in ground.people(_mqls_after(latest), 1):
            _merge(other, keeper, ground.end - timedelta(days=35), "crm")
            yield Planted(3, "person", other.number, f"into {keeper.number}, known to the CRM alone")


def double_mirrors(ground: Field) -> Iterator[Planted]:
    """Case 4: a deal mirrored twice."""
    for person in ground.people(has_won_deal):
        yield on_deal(4, person, copies=1)


def second_leads(ground: Field) -> Iterator[Planted]:
    """Case 5: a second lead converted into an existing contact."""
    for person in ground.people(lambda p: p.deal is not None):
        person.second_lead = f"{person.first_name}.{person.number}@private.example".lower()
        yield Planted(5, "person", person.number, person.second_lead)


def addresses(ground: Field) -> Iterator[Planted]:
    """Case 6: e-mail case, plus-tag, changed address."""
    for index, person in enumerate(ground.people(lambda p: len(p.touches) > 1)):
        local, domain = person.email.split("@")
        typed = (person.email.upper(), f"{local}+news@{domain}", f"{local}.old@{domain}")[index % 3]
        if index % 3 == 2:
            person.former_email = typed
        person.touches = (person.touches[0], *(replace(touch, email=typed) for touch in person.touches[1:]))
        yield Planted(6, "person", person.number, typed)


def forgotten(ground: Field) -> Iterator[Planted]:
    """Case 7: a forgotten contact."""
    for person in ground.people(is_only_lead):
        person.is_forgotten, person.deleted_at = True, ground.end - timedelta(days=20)
        yield Planted(7, "person", person.number)


def free_mail(ground: Field) -> Iterator[Planted]:
    """Case 8: a free-mail address."""
    for person in ground.people(is_only_lead):
        person.email = f"{person.first_name}.{person.last_name}.{person.number}@gmail.com".lower()
        yield Planted(8, "person", person.number, person.email)


def without_account(ground: Field) -> Iterator[Planted]:
    """Case 9: a contact without account."""
    for person in ground.people(lambda p: p.joined is not None):
        person.has_account = False
        yield Planted(9, "person", person.number)


def second_domains(ground: Field) -> Iterator[Planted]:
    """Case 10: a second domain of an account."""
    for person in ground.people(lambda p: p.deal is not None):
        person.email = person.email.replace("@", "@mail.")
        yield Planted(10, "account", person.account.number, person.email.split("@")[1])


def shared_inboxes(ground: Field) -> Iterator[Planted]:
    """Case 11: a shared inbox."""
    for person in ground.people(lambda p: p.deal is None and len(p.touches) > 1):
        shared = f"info@{person.account.domain}"
        person.touches = (*person.touches[:-1], replace(person.touches[-1], email=shared))
        yield Planted(11, "person", person.number, shared)


def short_ids(ground: Field) -> Iterator[Planted]:
    """Case 12: 15-character Salesforce ids."""
    for person in ground.people(lambda p: "mql" in p.reached):
        person.has_short_ids = True
        yield Planted(12, "person", person.number)


def _merge(person: Person, keeper: Person, at: datetime, where: str = "map") -> None:
    person.merged_into, person.merged_at, person.merged_in = keeper, at, where
    if where == "map":
        keeper.absorbed = (*keeper.absorbed, (at, person))


def _leads_after(at: datetime) -> Callable[[Person], bool]:
    return lambda person: is_only_lead(person) and person.created_at > at


def _mqls_after(at: datetime) -> Callable[[Person], bool]:
    return lambda person: is_only_mql(person) and person.created_at > at
