"""What alerts say of a source is read from the text of the models: it must be what SQLMesh reads there."""

from __future__ import annotations

from typing import Any

from infra.incidents.lineage import affected_by, reads, relations_of, tables_of
from infra.settings import PROJECT, settings
from infra.transform import MODELS
from ingest.sources_file import known_sources
from semantic.loader import load_glossary
from tests.contracts.conftest import plain_name


def test_every_model_is_found_and_reads_nothing_that_sqlmesh_does_not_know(loaded: dict[str, Any]) -> None:
    found = reads(MODELS)
    ours = {name: model for name, model in loaded.items() if not model.kind.is_external}
    assert set(found) == set(ours)
    for name, model in ours.items():
        parents = {plain_name(parent) for parent in model.depends_on}
        assert found[name] <= parents, name
        assert model.kind.is_seed or not parents or found[name], f"{name} is made from something"


def test_a_source_touches_what_is_counted_from_it() -> None:
    """LinkedIn's spend is no MQL, although campaigns of LinkedIn name people's touches."""
    glossary, dashboards = load_glossary(settings().glossary), PROJECT / "superset" / "assets"
    ads = affected_by("linkedin_ads", MODELS, glossary, dashboards)
    assert {"Marketing spend", "Cost per MQL", "Impressions"} <= set(ads.metrics)
    assert not {"MQLs", "Closed won"} & set(ads.metrics)
    assert "Executive summary" in {title for title, _, _ in ads.dashboards}
    crm = affected_by("hubspot", MODELS, glossary, dashboards)
    assert {"MQLs", "Cost per MQL"} <= set(crm.metrics)
    assert "core.lifecycle_event" not in tables_of("google_ads", reads(MODELS))
    assert relations_of("cost_per_mql", glossary) == {"core.person", "core.spend_day"}


def test_every_source_touches_something() -> None:
    found = reads(MODELS)
    for source in known_sources():
        assert any(table.startswith("core.") for table in tables_of(source, found)), source
