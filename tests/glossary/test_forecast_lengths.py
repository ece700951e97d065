"""A forecast of a month is no forecast of the quarter: a longer period than its rows speak of is refused."""

import pytest

from semantic.ask import compile_query
from semantic.definitions import Glossary
from semantic.errors import Refusal
from semantic.loader import load_glossary
from semantic.query import query_from_document
from tests.shared import ROOT


@pytest.fixture(scope="module")
def ours() -> Glossary:
    return load_glossary(ROOT / "semantic" / "glossary")


def asked(glossary: Glossary, grain: str, *where: str, by: tuple[str, ...] = ()) -> str:
    document = {
        "metrics": ["forecast_revenue"],
        "group_by": [f"metric_time:{grain}", *by],
        "where": list(where),
    }
    return compile_query(query_from_document(document), glossary, "duckdb").sql


@pytest.mark.parametrize(
    ("grain", "where"),
    [
        ("quarter", ()),
        ("year", ()),
        ("fiscal_quarter", ()),
        ("quarter", ("horizon = 'month'",)),
        ("year", ("horizon = 'quarter'",)),
        ("year", ("forecast_segment__horizon = 'quarter'",)),
    ],
)
def test_a_longer_period_than_the_rows_speak_of_is_refused(
    ours: Glossary, grain: str, where: tuple[str, ...]
) -> None:
    with pytest.raises(Refusal, match=r"its last (month|quarter) would stand for all of them\. Ask by"):
        asked(ours, grain, *where)


def test_grouped_by_the_length_the_shortest_counts(ours: Glossary) -> None:
    with pytest.raises(Refusal, match="Ask by month"):
        asked(ours, "quarter", by=("horizon",))


@pytest.mark.parametrize(
    ("grain", "where"),
    [("month", ()), ("month", ("horizon = 'quarter'",)), ("quarter", ("horizon = 'quarter'",))],
)
def test_a_period_as_long_as_the_rows_speak_of_is_answered(
    ours: Glossary, grain: str, where: tuple[str, ...]
) -> None:
    assert "marts.forecast_segment" in asked(ours, grain, *where)
