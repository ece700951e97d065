"""Which metrics can be computed: the walk through the models, on SQL of a line and on real models over few sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlglot

from infra.audit.gaps import answer_all, gaps, walk_of
from infra.audit.lineage import NONE, SOME, Model, Reach, Relation, Walk, read_models
from semantic.loader import load_glossary
from tests.audit.by_hand import Company, at, healthy
from tests.audit.conftest import HERE

RAW = {
    "raw.full": Relation(
        True,
        {"a": Reach(SOME, frozenset(["full.a"])), "b": Reach(NONE, frozenset(["full.b"])),
         "flag": Reach(frozenset(["false"]))},
        frozenset(["full"]),
    ),
    "raw.none": Relation(False, {"a": Reach(NONE, frozenset(["none.a"]))}, frozenset(["none"])),
}  # fmt: skip


def reached(sql: str) -> dict[str, bool] | None:
    """{column: can it have a value}; None where no row comes through."""
    model = Model("x.y", sqlglot.parse_one(sql, dialect="snowflake"))
    relation = Walk({"x.y": model}, RAW).relation("x.y")
    return (
        {name: bool(reach.values) for name, reach in relation.columns.items()} if relation.has_rows else None
    )


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a, b FROM raw.full", {"a": True, "b": False}),
        ("SELECT COALESCE(b, a) AS c, b || a AS d, b + 1 AS e FROM raw.full", {"c": True, "d": False, "e": False}),
        ("SELECT a FROM raw.none", None),
        ("SELECT f.a FROM raw.full AS f JOIN raw.none AS n ON n.a = f.a", None),
        ("SELECT f.a, n.a AS x FROM raw.full AS f LEFT JOIN raw.none AS n ON n.a = f.a", {"a": True, "x": False}),
        ("SELECT a FROM raw.full WHERE NOT b IS NULL", None),
        ("SELECT a FROM raw.full WHERE b IS NULL", {"a": True}),
        ("SELECT a FROM raw.full WHERE flag", None),
        ("SELECT a FROM raw.full WHERE NOT flag", {"a": True}),
        ("SELECT a FROM raw.full UNION ALL SELECT a FROM raw.none", {"a": True}),
        ("SELECT MAX(CASE WHEN a = 'x' THEN a END) AS m, MAX(CASE WHEN b = 'x' THEN a END) AS n FROM raw.full",
         {"m": True, "n": False}),
        # A literal travels with its branch: no row is a `two`, because its branch has no date.
        ("WITH s AS (SELECT 'one' AS stage, a AS at FROM raw.full UNION ALL SELECT 'two', b FROM raw.full), "
         "t AS (SELECT * FROM s WHERE NOT at IS NULL) "
         "SELECT MIN(CASE WHEN stage = 'one' THEN at END) AS one, MIN(CASE WHEN stage = 'two' THEN at END) AS two "
         "FROM t",
         {"one": True, "two": False}),
        ("SELECT ROW_NUMBER() OVER (ORDER BY b) AS n, COUNT(b) AS c, 1 AS k, NULL AS z FROM raw.full",
         {"n": True, "c": True, "k": True, "z": False}),
    ],
)  # fmt: skip
def test_the_walk(sql, expected):
    assert reached(sql) == expected


def test_every_model_of_the_project_is_read():
    models = read_models(HERE["models"])
    files = [file for file in HERE["models"].rglob("*") if file.suffix in (".sql", ".py")]
    assert len(models) == len(files)
    assert [name for name, model in models.items() if model.query is None] != []


def status(lay, rows) -> dict[str, bool]:
    with lay(rows) as ground:
        answers = answer_all(load_glossary(HERE["glossary"]), walk_of(ground))
    return {name: answer.is_computable for name, answer in answers.items()}


def exports() -> Company:
    """Leads with an MQL date and won deals, and no more: what a company starts with."""
    it = Company()
    it.rows.clear()
    lead = {"created_at": at(0), "mql_at": at(1), "channel": "paid_search", "is_deleted": False}
    it.add("files__leads", lead_id="1", email="a@b.example", **lead)
    it.add("files__deals", deal_id="1", lead_id="1", amount=Decimal(5), is_won=True, is_closed=True, stage="Won",
           closed_at=at(9), close_date=at(9).date())  # fmt: skip
    return it


def test_leads_and_wins_carry_the_funnel_and_revenue_but_no_cost(lay):
    can = status(lay, exports().rows)
    yes = (
        "leads",
        "mqls",
        "closed_won",
        "closed_won_revenue",
        "win_rate",
        "mql_to_won_rate",
        "attributed_revenue",
    )
    no = (
        "sqls",
        "marketing_spend",
        "cost_per_mql",
        "marketing_roi",
        "sessions",
        "pipeline_velocity",
        "days_mql_to_sql",
    )
    assert {name: can[name] for name in yes} == dict.fromkeys(yes, True)
    assert {name: can[name] for name in no} == dict.fromkeys(no, False)


def test_one_more_export_opens_the_cost_metrics(lay):
    it = exports()
    it.add(
        "files__spend", spend_id="1", spend_date=date(2025, 3, 3), amount=Decimal(5), channel="paid_search"
    )
    can = status(lay, it.rows)
    assert can["marketing_spend"]
    assert can["cost_per_mql"]
    assert not can["cpc"]  # no clicks in this file


def test_ads_alone_carry_nothing_about_people(lay):
    it = Company()
    it.rows.clear()
    it.add(
        "meta_ads__insights", day=date(2025, 3, 3), campaign_id="1", spend=Decimal(5), clicks=1, impressions=9
    )
    can = status(lay, it.rows)
    assert [name for name in ("marketing_spend", "clicks", "cpc", "ctr") if not can[name]] == []
    assert [
        name for name in ("leads", "mqls", "opportunities", "touches", "cost_per_lead") if can[name]
    ] == []


def test_the_reason_names_the_raw_columns_to_connect(lay):
    with lay(exports().rows) as ground:
        section = gaps(ground)
    reasons, metrics = section.tables
    rows = {row["metric"]: row for row in metrics.records()}
    assert rows["cost_per_mql"]["why_not"] == "marketing_spend: core.spend_day has no rows"
    assert "raw.files__spend" in rows["cost_per_mql"]["connect"]
    assert rows["sqls"]["why_not"] == "core.person.first_sql_at is empty"
    assert "raw.files__leads (sql_at)" in rows["sqls"]["connect"]
    assert "raw.salesforce__lead (accepted_at" in rows["sqls"]["connect"]
    assert "region" in rows["leads"]["no_breakdown_by"]
    [spend] = [row for row in reasons.records() if row["missing"] == "core.spend_day has no rows"]
    assert "cost_per_mql" in spend["names"].split(", ")
    assert spend["metrics"] == len(spend["names"].split(", "))
    assert "files (spend); google_ads (campaign_day)" in spend["connect"]


def test_a_whole_company_can_report_what_its_sources_have(lay):
    can = status(lay, healthy())
    assert can["mqls"]
    assert can["sqls"]
    assert can["pipeline_velocity"]
    assert not can["leads_target"]
