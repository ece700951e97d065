"""A change of whose touches count for a deal, reviewed: what `touchstone diff` tells is what hand-written SQL finds."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from infra.home import Home
from infra.review import environments, moves
from infra.review.compare import Comparison, compare
from infra.review.opening import sides
from infra.review.sides import Side
from semantic.closing import Signed, close_month
from semantic.warehouse.closed_files import ClosedFiles
from tests.warehouse_models.raw import PROJECT, ROOT

GLOSSARY = ROOT / "semantic" / "glossary"
ASKED = (
    "attributed_revenue", "attributed_pipeline", "closed_won_revenue", "mqls", "leads", "marketing_spend",
    "cost_per_mql",
)  # fmt: skip
# Attributed revenue of a month and channel that is another in dev.
BY_HAND = """
WITH before AS (
  SELECT strftime(credited_date, '%Y-%m') AS month, attribution_model AS model, channel, sum(amount) AS revenue
  FROM warehouse.attribution.credit WHERE credit_kind = 'revenue' GROUP BY ALL
), after AS (
  SELECT strftime(credited_date, '%Y-%m') AS month, attribution_model AS model, channel, sum(amount) AS revenue
  FROM warehouse.attribution__dev.credit WHERE credit_kind = 'revenue' GROUP BY ALL
)
SELECT month, channel, model, before.revenue, after.revenue
FROM before FULL JOIN after USING (month, model, channel)
WHERE before.revenue IS DISTINCT FROM after.revenue
"""


@pytest.fixture(scope="module")
def home(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The forty cases, and in dev all people of an account count for its deals."""
    home = Home(tmp_path_factory.mktemp("review"))
    shutil.copytree(warehouse.parent, home.warehouse_file.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOUCHSTONE_VALUE_MAPPING", str(warehouse.with_name("value_mapping.csv")))
        patch.setenv("TOUCHSTONE_OPPORTUNITY_CONTACT_MAPPING", "account")
        planned = environments.plan(home.warehouse_file, "dev", lambda *_: None, PROJECT)
    assert planned.changed == ("core.opportunity_contact",)
    assert {"attribution.credit", "marts.credit_day"} <= set(planned.follows)
    assert not {"core.person", "core.touch", "core.spend_day"} & set(planned.follows)
    assert planned.built == 1 + len(planned.follows)
    return home


@pytest.fixture(scope="module")
def by_hand(home: Home) -> set[tuple[str, str, str, Decimal, Decimal]]:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{home.warehouse_file}' AS warehouse (READ_ONLY)")
        return set(connection.execute(BY_HAND).fetchall())


def both(home: Home) -> tuple[Side, Side]:
    """prod and dev, asked by some metrics of the glossary."""
    prod, dev, _ = sides(home, GLOSSARY, "prod", "dev")
    few = replace(prod.glossary, metrics={name: prod.glossary.metrics[name] for name in ASKED})
    return replace(prod, glossary=few), replace(dev, glossary=few)


@pytest.fixture(scope="module")
def found(home: Home, by_hand: set[tuple[str, str, str, Decimal, Decimal]]) -> Comparison:
    """The comparison, with the first month that moves closed."""
    prod, dev = both(home)
    month = min(month for month, *_ in by_hand)
    store = ClosedFiles(home.closed)
    head, metrics = close_month(month, 1, prod.glossary, prod.warehouse, Signed("ann", datetime.now(UTC)))
    store.add(head, metrics)
    return compare(prod, dev, store)


def test_what_moves_is_what_hand_written_sql_finds(
    found: Comparison, by_hand: set[tuple[str, str, str, Decimal, Decimal]]
) -> None:
    assert {"linear", "u_shaped"} <= {model for _, _, model, *_ in by_hand}
    [revenue] = [one for one in found.of("moves") if one.metric == "attributed_revenue"]
    assert (revenue.totals, revenue.months) == ((), ()), (
        "credit goes to other channels; there is no more of it"
    )
    cells = dict(revenue.within)["channel"]
    told = {
        (
            cell.month,
            dict(cell.members)["channel"],
            dict(cell.members)["attribution_model"],
            cell.before,
            cell.after,
        )
        for cell in cells
    }
    assert told == by_hand
    assert "mqls" not in {one.metric for one in found.of("moves")}
    assert found.of("fails", "answers", "new", "gone") == []


def test_closed_months_show_what_would_be_restated(
    found: Comparison, by_hand: set[tuple[str, str, str, Decimal, Decimal]]
) -> None:
    month = min(month for month, *_ in by_hand)
    told = {
        (one.cell.month, dict(one.cell.members)["channel"], dict(one.cell.members)["attribution_model"]): (
            one.as_reported,
            one.cell.after,
        )
        for one in found.restatements
        if one.metric == "attributed_revenue"
        and set(dict(one.cell.members)) == {"channel", "attribution_model"}
    }
    expected = {
        row[:3]: (None if row[3] is None else str(row[3]), row[4]) for row in by_hand if row[0] == month
    }
    assert told == expected


def test_nothing_is_spared_that_would_have_moved(
    home: Home, found: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same comparison with every question asked: what was spared has one answer on both sides."""
    spared = {one.metric for one in found.movements if one.spared and not one.asked}
    assert spared == {"mqls", "leads", "marketing_spend", "cost_per_mql"}
    monkeypatch.setattr(moves, "_cannot_move", lambda *_: False)
    asked = moves.movements(*both(home), False, lambda *_: None)
    assert all(one.asked for one in asked)
    moved = {one.metric: (one.totals, one.months, one.within) for one in found.movements}
    assert {one.metric: (one.totals, one.months, one.within) for one in asked} == moved
