"""Saved questions answer, dimensions list their members, and roles see what they may."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from semantic.answer import Answer
from semantic.ask import ask, dimension_values
from semantic.definitions import Glossary
from semantic.errors import AccessDenied, UserError
from semantic.loader import load_glossary
from semantic.query import SYSTEM, Principal, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.glossary.conftest import GLOSSARY, Asker

SAVED = sorted(file.stem for file in (GLOSSARY / "saved").glob("*.yml"))
DIMENSIONS = {
    "channel": ["direct", "display", "email", "organic_search"],
    "campaign": ["Brand Search 2025", "Display Test", "Launch LinkedIn"],
    "parent_campaign": ["Product Launch"],
    "campaign_type": ["email", "event", "paid"],
    "region": ["AMER", "APAC", "EMEA"],
    "product": ["add_on", "platform", "starter"],
    "content": ["Launch Webinar Recording", "Pricing White Paper", "Retail Case Study"],
}


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_question_answers_as_finance(glossary: Glossary, core_file: Path, name: str) -> None:
    query = query_from_document(glossary.saved[name].document)
    finance = Principal("f@example.com", ("finance",))
    answer = ask(query, glossary, DuckDBWarehouse(core_file), finance)
    assert answer.table.num_rows > 1
    assert answer.table.column_names[-len(query.metrics) :] == list(query.metrics)


def test_every_shared_dimension_lists_its_members(glossary: Glossary, core_file: Path) -> None:
    warehouse = DuckDBWarehouse(core_file)
    for dimension in glossary.shared_dimensions:
        members = dimension_values(dimension, glossary, warehouse).column(0).to_pylist()
        assert set(DIMENSIONS.get(dimension, [])) <= set(members), dimension
        assert len(members) == len(set(members)) > 1, dimension


def test_values_of_the_attribution_model_are_the_declared_ones(glossary: Glossary, core_file: Path) -> None:
    members = (
        dimension_values("attribution_model", glossary, DuckDBWarehouse(core_file)).column(0).to_pylist()
    )
    assert set(members) <= set(glossary.shared_dimensions["attribution_model"].values)


def as_role(glossary: Glossary, core_file: Path, role: str, question: dict[str, object]) -> Answer:
    principal = Principal("p@example.com", (role,), attributes=(("region", "AMER"),))
    return ask(query_from_document(question), glossary, DuckDBWarehouse(core_file), principal)


@pytest.mark.parametrize(("role", "region"), [("region_emea", "EMEA"), ("own_region", "AMER")])
def test_a_region_sees_its_own_rows(
    glossary: Glossary, core_file: Path, ask_core: Asker, role: str, region: str
) -> None:
    question = {"metrics": ["mqls", "closed_won_revenue", "cost_per_mql"], "group_by": ["channel"]}
    seen = as_role(glossary, core_file, role, question)
    all_of_it = ask_core({**question, "where": [f"region = '{region}'"]})
    assert seen.rows() == all_of_it.rows()
    assert 0 < seen.table.num_rows < ask_core(question).table.num_rows


def test_a_region_is_refused_a_number_that_knows_no_region(glossary: Glossary, core_file: Path) -> None:
    with pytest.raises(UserError, match="region"):
        as_role(glossary, core_file, "region_emea", {"metrics": ["mqls_target"]})


def test_everyone_sees_no_state_of_the_sources_and_no_owners(glossary: Glossary, core_file: Path) -> None:
    with pytest.raises(AccessDenied):
        as_role(glossary, core_file, "everyone", {"metrics": ["source_variance"]})
    question = {"metrics": ["mqls"], "group_by": ["owner"]}
    owners = {"ana", "bob", "chi"}
    assert not owners & {row["owner"] for row in as_role(glossary, core_file, "everyone", question).rows()}
    assert owners <= {row["owner"] for row in as_role(glossary, core_file, "finance", question).rows()}


def test_an_answer_names_the_default_attribution_model(ask_core: Asker) -> None:
    notes = " ".join(ask_core({"metrics": ["attributed_revenue"]}).notes)
    assert "attribution_model" in notes
    assert "first" in notes


def test_an_answer_names_the_meaning_of_its_metrics(ask_core: Asker) -> None:
    answer = ask_core({"metrics": ["mqls", "cost_per_mql"]})
    assert set(answer.fingerprints) == {"mqls", "cost_per_mql"}
    assert {column.status for column in answer.columns} == {"assumed"}


def test_what_a_table_does_not_know_is_refused_by_name(ask_core: Asker) -> None:
    for metric, dimension in [
        ("cost_per_mql", "segment"),
        ("leads", "product"),
        ("marketing_spend", "owner"),
        ("sessions", "region"),
        ("mqls", "attribution_model"),
    ]:
        with pytest.raises(UserError, match=dimension):
            ask_core({"metrics": [metric], "group_by": [dimension]})


def test_five_hundred_metrics_load_within_a_second(tmp_path: Path, glossary: Glossary) -> None:
    folder = tmp_path / "glossary"
    shutil.copytree(GLOSSARY, folder)
    copies = [(file, n) for n in range(2, 7) for file in sorted((GLOSSARY / "metrics").glob("*.yml"))]
    for file, number in copies[: 500 - len(glossary.metrics)]:
        name = f"{file.stem}_{number}"
        text = file.read_text().replace(f"name: {file.stem}\n", f"name: {name}\n")
        (folder / "metrics" / f"{name}.yml").write_text(text)
    start = time.process_time()
    assert len(load_glossary(folder).metrics) == 500
    assert time.process_time() - start < 1.0


def test_the_system_itself_may_ask_everything(glossary: Glossary, core_file: Path) -> None:
    question = query_from_document({"metrics": ["source_variance"]})
    assert ask(question, glossary, DuckDBWarehouse(core_file), SYSTEM).total == 1
