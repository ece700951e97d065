"""What is stated for a period is spread over its days to the cent, counted once, and told where it is odd."""

from datetime import date
from decimal import Decimal

import pytest

from tests.warehouse_models.conftest import Ask
from tests.warehouse_models.forty import sf_id

pytestmark = pytest.mark.timeout(900)


def days(ask: Ask, campaign: str) -> list[tuple[int, Decimal]]:
    """(day of the month, spend) of a campaign's flat costs."""
    rows = ask(
        "SELECT spend_date, spend FROM core.spend_day WHERE campaign_id = ? AND cost_kind = 'flat' ORDER BY spend_date",
        campaign,
    )
    return [(day.day, spend) for day, spend in rows]


def findings(ask: Ask, rule: str) -> dict[str, str]:
    return dict(ask("SELECT entity_id, detail FROM ops.audit_finding WHERE rule = ?", rule))


def cost_id(number: int) -> str:
    return f"salesforce:campaign:{sf_id('701', number)}"


def test_days_sum_to_the_cost(ask: Ask) -> None:
    assert days(ask, "fair") == [(1, Decimal("33.33")), (2, Decimal("33.33")), (3, Decimal("33.34"))]
    assert days(ask, "webinar") == [(1, Decimal("23.33")), (2, Decimal("23.33")), (3, Decimal("23.34"))]
    assert days(ask, "stand") == [
        (1, Decimal("2.50")),
        (2, Decimal("2.50")),
        (3, Decimal("2.50")),
        (4, Decimal("2.51")),
    ]
    channels = ask(
        "SELECT DISTINCT campaign_id, channel FROM core.spend_day WHERE campaign_id IN ('fair', 'stand')"
    )
    assert sorted(channels) == [("fair", "events"), ("stand", "events")]


def test_a_foreign_currency_at_the_rate_of_each_day(ask: Ask) -> None:
    assert days(ask, "two-rates") == [(31, Decimal("5.25")), (1, Decimal("5.50"))]


def test_without_a_plausible_period_it_is_booked_on_one_day_and_told(ask: Ask) -> None:
    assert days(ask, "no-end") == [(5, Decimal(50))]
    assert days(ask, "no-dates") == [(6, Decimal(40))]
    assert days(ask, "backwards") == [(10, Decimal(30))]
    assert set(findings(ask, "campaign_cost_on_one_day")) == {cost_id(number) for number in (51, 52, 53)}
    assert set(findings(ask, "spend_period_not_plausible")) == {"files:Stand back"}
    assert ask("SELECT spend_date, spend FROM core.spend_day WHERE campaign_id = 'stand-back'") == [
        (date(2025, 3, 1), Decimal(3))
    ]


def test_money_that_something_else_tells_is_left_out_and_told(ask: Ask) -> None:
    assert days(ask, "meta") == []
    assert days(ask, "sums") == []
    assert findings(ask, "campaign_cost_left_out") == {
        cost_id(55): "20.00 USD is not added: it is without a date",
        cost_id(56): "310.00 USD is not added: it is told by spend",
        cost_id(60): "7.50 USD is not added: it is told by its children",
        "hubspot:campaign:Fair": "100.00 USD is not added: it is told by another system",
    }


def test_a_budget_and_days_to_come_are_no_spend(ask: Ask) -> None:
    assert days(ask, "budget-only") == []
    assert days(ask, "to-come") == []


def test_a_program_rolls_up_to_what_it_and_its_children_cost(ask: Ask) -> None:
    cost = ask(
        "SELECT a.ancestor_id, SUM(s.spend) FROM core.spend_day AS s"
        " JOIN core.campaign_ancestor AS a ON a.campaign_id = s.campaign_id"
        " WHERE a.ancestor_id IN ('tour', 'tour-oslo', 'sums') GROUP BY 1"
    )
    assert dict(cost) == {"tour": Decimal(62), "tour-oslo": Decimal(20), "sums": Decimal("7.50")}
    by_name = ask(
        "SELECT c.parent_name, SUM(s.spend) FROM core.spend_day AS s JOIN core.campaign AS c USING (campaign_id)"
        " WHERE c.parent_name IN ('Tour', 'Sums') GROUP BY 1"
    )
    assert dict(by_name) == {"Tour": Decimal(62), "Sums": Decimal("7.50")}
