"""What people approved is applied, what they did not is not, and what was recorded stays beside it."""

from decimal import Decimal
from pathlib import Path

import pytest

from infra.errors import MistakeError
from infra.mapping.decisions import read_decisions
from tests.warehouse_models.conftest import Ask
from tests.warehouse_models.forty import DECISIONS, sf_id

pytestmark = pytest.mark.timeout(900)


def test_an_approved_source_and_medium_give_the_channel(ask: Ask) -> None:
    rows = ask(
        "SELECT source, medium, channel, source_raw, medium_raw FROM core.touch"
        " WHERE touch_id LIKE 'hubspot:form:fm%' ORDER BY touch_id"
    )
    assert rows == [
        ("linkedin", "paid_social", "paid_social", "Lnkedn", "Paid_Socal"),  # two rows: a chain
        ("linkedin", "paid_social", "paid_social", "linkedin", "paid_social"),
    ]


def test_what_was_rejected_stays_apart(ask: Ask) -> None:
    rows = ask(
        "SELECT campaign_id, campaign_raw FROM core.touch WHERE touch_id LIKE 'hubspot:form:fm%' ORDER BY touch_id"
    )
    assert rows == [("expo", "Expo"), ("expo-25", "Expo 25")]


def test_37_a_campaign_renamed_before_the_first_load_is_one_where_people_say_so(ask: Ask) -> None:
    """The platform tells today's name only; its spend belongs to the campaign that everybody else knows."""
    assert ask(
        "SELECT campaign_id, spend, campaign_raw FROM core.spend_day WHERE platform = 'linkedin_ads'"
    ) == [("expo", Decimal("77.70"), "Expo (relaunch)")]
    named = ask(
        "SELECT campaign_id, name, region FROM core.campaign WHERE campaign_id LIKE 'expo%' ORDER BY 1"
    )
    assert named == [("expo", "Expo", "EMEA"), ("expo-25", "Expo 25", None)]


def test_an_approved_asset_and_product(ask: Ask) -> None:
    assert ask("SELECT content_id, content_raw FROM core.touch WHERE touch_id = 'hubspot:form:fm1'") == [
        ("white-paper", "White Papper")
    ]
    assert ask("SELECT content_id FROM core.content WHERE content_id LIKE 'white-pap%'") == [("white-paper",)]
    assert ask(
        "SELECT product, product_raw FROM core.opportunity WHERE opportunity_id = ?", sf_id("006", 371)
    ) == [("Widget One", "WidgetOne")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "source,linkedin,lnkedn,approved,jo,2025-06-03,,",
            "circle: lnkedn -> linkdin -> linkedin -> lnkedn",
        ),
        ("source,Lnkedn,bing,approved,jo,2025-06-03,,", "already read as 'linkdin', approved by jane"),
        ("campaign,expo_25,Expo-25,approved,jo,2025-06-03,,", "changes nothing"),
        ("colour,red,blue,approved,jo,2025-06-03,,", "unknown kind 'colour'"),
        ("source,red,blue,perhaps,jo,2025-06-03,,", "unknown status 'perhaps'"),
        ("source,red,blue,approved,,2025-06-03,,", "decided_by is blank"),
        ("source,red,blue,approved,jo,soon,,", "decided_on 'soon' is no date"),
    ],
)
def test_decisions_that_contradict_are_refused_with_their_line(tmp_path: Path, row: str, told: str) -> None:
    file = tmp_path / "value_mapping.csv"
    file.write_text(DECISIONS + row + "\n")
    with pytest.raises(MistakeError) as refused:
        read_decisions(file)
    assert told in str(refused.value)
    assert f"{file}:" in str(refused.value)
