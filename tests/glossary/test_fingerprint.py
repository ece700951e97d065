"""A fingerprint follows the meaning of a metric, and nothing else; approvals stand and fall with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from semantic.definitions import (
    Approval,
    Dimension,
    Entity,
    Glossary,
    Measure,
    Metric,
    MetricInput,
    Ratio,
    SemanticModel,
    Settings,
    SharedDimension,
    Simple,
)
from semantic.fingerprint import fingerprint, standing, with_standing
from semantic.predicates import parse_predicate

PERSON = SemanticModel(
    "person",
    "core.person",
    entities=(Entity("person", "primary", "person_id"), Entity("campaign", "foreign", "campaign_id")),
    dimensions=(
        Dimension("created_at", "time", "created_at", grain="second", time_zone="UTC"),
        Dimension("first_mql_at", "time", "first_mql_at", grain="second", time_zone="UTC"),
        Dimension("channel", "categorical", "channel"),
        Dimension("is_deleted", "categorical", "is_deleted"),
    ),
    measures=(
        Measure(
            "mqls", "count", "first_mql_at", "first_mql_at", filters=(parse_predicate("not is_deleted"),)
        ),
        Measure("leads", "count", "person_id"),
    ),
    default_time_dimension="created_at",
    shared=(("campaign", "campaign__name"),),
)
CAMPAIGN = SemanticModel(
    "campaign",
    "core.campaign",
    entities=(Entity("campaign", "primary", "campaign_id"),),
    dimensions=(Dimension("name", "categorical", "name"),),
)
MQLS = Metric("mqls", Simple("person", "mqls"), label="MQLs", definition="Qualified people.")
LEADS = Metric("leads", Simple("person", "leads"))
RATE = Metric("rate", Ratio(MetricInput("mqls"), MetricInput("leads")), format="percent")
SHARED = (SharedDimension("channel"), SharedDimension("campaign"))
SETTINGS = Settings(required_approvals=("vp", "revops"), required_money_approvals=("finance",))


def glossary(
    *,
    person: SemanticModel = PERSON,
    campaign: SemanticModel = CAMPAIGN,
    mqls: Metric = MQLS,
    rate: Metric = RATE,
) -> Glossary:
    return Glossary.of((person, campaign), (mqls, LEADS, rate), SHARED, settings=SETTINGS)


def with_measure(**changes: object) -> Glossary:
    mqls, leads = PERSON.measures
    return glossary(person=replace(PERSON, measures=(replace(mqls, **changes), leads)))  # type: ignore[arg-type]


def with_dimension(name: str, **changes: object) -> Glossary:
    changed = tuple(
        replace(item, **changes) if item.name == name else item  # type: ignore[arg-type]
        for item in PERSON.dimensions
    )
    return glossary(person=replace(PERSON, dimensions=changed))


MEANING: dict[str, Callable[[], Glossary]] = {
    "the measure's expression": lambda: with_measure(expr="person_id"),
    "how it is aggregated": lambda: with_measure(agg="count_distinct"),
    "its clock": lambda: with_measure(agg_time_dimension="created_at"),
    "the clock's zone": lambda: with_dimension("first_mql_at", time_zone=None),
    "its filter": lambda: with_measure(filters=()),
    "what its filter speaks of": lambda: with_dimension("is_deleted", expr="is_deleted or is_test"),
    "the metric's own filter": lambda: glossary(
        mqls=replace(MQLS, filters=(parse_predicate("channel <> 'test'"),))
    ),
    "the table": lambda: glossary(person=replace(PERSON, relation="core.people")),
    "how a shared dimension is said": lambda: with_dimension("channel", expr="last_channel"),
    "how a shared dimension is reached": lambda: glossary(
        campaign=replace(CAMPAIGN, dimensions=(Dimension("name", "categorical", "first_name"),))
    ),
    "a missing value": lambda: glossary(mqls=replace(MQLS, fill_nulls_with=0)),
}

PROSE: dict[str, Callable[[], Glossary]] = {
    "label": lambda: glossary(mqls=replace(MQLS, label="Marketing-qualified leads")),
    "definition": lambda: glossary(mqls=replace(MQLS, definition="Said better.")),
    "owner": lambda: glossary(mqls=replace(MQLS, owner="somebody@example.com")),
    "format and target": lambda: glossary(mqls=replace(MQLS, format="integer", target="mqls")),
    "status": lambda: glossary(mqls=replace(MQLS, status="confirmed")),
    "the model's description": lambda: glossary(person=replace(PERSON, description="People.")),
    "another measure": lambda: glossary(
        person=replace(PERSON, measures=(*PERSON.measures, Measure("more", "count", "person_id")))
    ),
    "layout of the SQL": lambda: with_measure(expr=" first_mql_at\n"),
    "a dimension that is not shared": lambda: glossary(
        person=replace(PERSON, dimensions=(*PERSON.dimensions, Dimension("city", "categorical", "city")))
    ),
}


@pytest.mark.parametrize("change", MEANING)
def test_a_change_of_meaning_changes_it_and_what_is_made_of_it(change: str) -> None:
    changed = MEANING[change]()
    for metric in ("mqls", "rate"):
        assert fingerprint(metric, changed) != fingerprint(metric, glossary()), metric


@pytest.mark.parametrize("change", PROSE)
def test_prose_does_not(change: str) -> None:
    assert fingerprint("mqls", PROSE[change]()) == fingerprint("mqls", glossary())


def test_the_parts_of_a_ratio_are_not_exchangeable() -> None:
    upside_down = replace(RATE, recipe=Ratio(MetricInput("leads"), MetricInput("mqls")))
    assert fingerprint("rate", glossary(rate=upside_down)) != fingerprint("rate", glossary())


def signed(*roles: str) -> Metric:
    current = fingerprint("mqls", glossary())
    return replace(
        MQLS, approvals=tuple(Approval(role, "A. Person", "2026-03-01", current) for role in roles)
    )


def test_a_metric_is_confirmed_when_every_role_has_signed() -> None:
    assert standing(MQLS, glossary()).missing == ("vp", "revops")
    one, both = signed("vp"), signed("vp", "revops")
    assert standing(one, glossary(mqls=one)).status == "assumed"
    assert standing(both, glossary(mqls=both)).status == "confirmed"


def test_money_needs_finance_too() -> None:
    money = replace(signed("vp", "revops"), format="currency")
    assert standing(money, glossary(mqls=money)).missing == ("finance",)


def test_an_approval_lapses_when_the_meaning_changes() -> None:
    confirmed = signed("vp", "revops")
    changed = replace(confirmed, filters=(parse_predicate("channel <> 'test'"),))
    now = standing(changed, glossary(mqls=changed))
    assert now.status == "assumed"
    assert now.lapsed == confirmed.approvals


def test_saying_confirmed_is_not_signing() -> None:
    boast = replace(MQLS, status="confirmed")
    assert standing(boast, glossary(mqls=boast)).status == "assumed"


def test_deprecated_stays_deprecated() -> None:
    old = replace(signed("vp", "revops"), status="deprecated")
    assert standing(old, glossary(mqls=old)).status == "deprecated"


def test_a_glossary_that_requires_no_signature_is_taken_at_its_word() -> None:
    said = replace(MQLS, status="confirmed")
    assert standing(said, replace(glossary(mqls=said), settings=Settings())).status == "confirmed"


def test_a_loaded_metric_shows_where_it_stands() -> None:
    boast, both = replace(MQLS, status="confirmed"), signed("vp", "revops")
    assert with_standing(glossary(mqls=boast)).metrics["mqls"].status == "assumed"
    assert with_standing(glossary(mqls=both)).metrics["mqls"].status == "confirmed"
