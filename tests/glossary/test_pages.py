"""The pages about the glossary are fresh, and say what an owner must know before he signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantic.definitions import Glossary
from semantic.interop.markdown import dimensions_of_metric, glossary_pages

PAGES = Path(__file__).parents[2] / "docs" / "glossary"


@pytest.fixture(scope="module")
def pages(glossary: Glossary) -> dict[str, str]:
    return glossary_pages(glossary)


def test_the_pages_are_fresh(pages: dict[str, str]) -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in PAGES.glob("*.md")}
    assert written == pages, "Run `make docs`."


def test_every_metric_has_a_section(glossary: Glossary, pages: dict[str, str]) -> None:
    for metric in glossary.metrics.values():
        assert f"\n## {metric.name}\n" in pages[f"{metric.area}.md"]
        assert metric.definition in pages[f"{metric.area}.md"]


def test_every_public_metric_is_in_the_index_and_on_the_sign_off_sheet(
    glossary: Glossary, pages: dict[str, str]
) -> None:
    for metric in glossary.public_metrics:
        for page in ("README.md", "sign-off.md"):
            assert f"({metric.area}.md#{metric.name})" in pages[page]


def test_a_ratio_says_its_parts_and_a_balance_that_it_is_one(pages: dict[str, str]) -> None:
    assert "`marketing_spend` divided by `mqls`, after each was added up" in pages["spend.md"]
    assert "a balance, never added over time" in pages["pipeline.md"]


def test_a_metric_of_two_facts_is_cut_by_what_both_have(glossary: Glossary) -> None:
    by = dimensions_of_metric(glossary.metrics["cost_per_mql"], glossary)
    assert {"metric_time", "channel", "campaign", "region"} <= set(by)
    assert "segment" not in by  # spend knows no segment
    assert "segment" in dimensions_of_metric(glossary.metrics["mqls"], glossary)
