"""A change of the models is built beside prod, compared metric by metric, and promoted without being built again."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import time_machine

from infra import publish as publication
from infra.errors import InfraError, MistakeError
from infra.home import Home
from infra.review import environments
from infra.review.compare import compare
from infra.review.opening import sides
from infra.review.report import rows, text
from infra.transform import build
from ingest.contract import create_promised_tables
from semantic.closings import NO_CLOSINGS

TOY = Path(__file__).parent / "toy"
GLOSSARY = """
settings: {time_zone: UTC, reporting_currency: USD}
dimensions: [{name: deal_size}]
closing: {metrics: ["*"], by: [[deal_size]]}
models:
  - name: deals
    relation: core.opportunity
    entities: [{name: deal, type: primary, expr: deal_id}]
    default_time_dimension: closed_at
    dimensions:
      - {name: closed_at, type: time, grain: second, time_zone: UTC}
      - {name: deal_size, expr: "CASE WHEN amount >= 100 THEN 'large' ELSE 'small' END"}
    measures:
      - {name: revenue, agg: sum, expr: amount}
      - {name: deals, agg: count, expr: deal_id}
  - name: people
    relation: core.person
    entities: [{name: person, type: primary, expr: person_id}]
    measures: [{name: people, agg: count, expr: person_id}]
metrics:
  - {name: revenue, type: simple, model: deals, measure: revenue, format: currency}
  - {name: deals, type: simple, model: deals, measure: deals}
  - {name: average_deal, type: ratio, numerator: revenue, denominator: deals}
  - {name: people, type: simple, model: people, measure: people}
"""
DEALS = [("1", 10, "2026-01-05"), ("2", 200, "2026-01-06"), ("3", 30, "2026-02-07")]


class World:
    """A home with three deals, a project of three models and a glossary, all of its own."""

    def __init__(self, folder):
        self.home = Home(folder / "home")
        self.project = folder / "toy"
        self.glossary = folder / "glossary.yml"

    def build(self):
        build(self.home.warehouse_file, lambda *_: None, self.project)

    def load(self, deals):
        with duckdb.connect(str(self.home.warehouse_file)) as connection:
            create_promised_tables(connection)
            connection.execute("DELETE FROM raw.files__deals")
            connection.executemany(
                "INSERT INTO raw.files__deals (deal_id, amount, closed_at) VALUES (?, ?, ?)", deals
            )

    def edit(self, model, old, new):
        file = self.project / "models" / f"{model}.sql"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def plan(self):
        return environments.plan(self.home.warehouse_file, "dev", lambda *_: None, self.project)

    def promote(self):
        return environments.promote(self.home.warehouse_file, "dev", lambda *_: None, self.project)

    def diff(self, before="prod", after="dev", **options):
        old, new, notes = sides(self.home, self.glossary, before, after, **options)
        return compare(old, new, NO_CLOSINGS, notes=notes)

    def ask(self, sql):
        with duckdb.connect(str(self.home.warehouse_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self):
        return {
            row[0]
            for row in self.ask(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name LIKE 'sqlmesh\\_\\_%' ESCAPE '\\'"
            )
        }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The world as it is after its first build."""
    world = World(tmp_path_factory.mktemp("review") / "world")
    world.home.warehouse_file.parent.mkdir(parents=True)
    shutil.copytree(TOY, world.project)
    world.glossary.write_text(GLOSSARY)
    world.load(DEALS)
    world.build()
    return world.glossary.parent


@pytest.fixture
def home(world):
    """Where the command line looks."""
    return world.home.root


@pytest.fixture
def world(built, tmp_path):
    return World(shutil.copytree(built, tmp_path / "world"))


def moved(found):
    """{metric: {month: (before, after)}} of the metrics whose whole moves."""
    return {
        one.metric: {cell.month: (cell.before, cell.after) for cell in (*one.totals, *one.months)}
        for one in found.of("moves")
    }


def test_from_edit_to_promotion(world):
    before = world.tables()
    world.edit("opportunity", "amount::", "(CASE WHEN deal_id = '3' THEN amount * 2 ELSE amount END)::")
    planned = world.plan()
    assert (planned.changed, planned.follows, planned.built, planned.same_rows) == (
        ("core.opportunity",),
        (),
        1,
        True,
    )
    assert world.ask("SELECT sum(amount)::INT FROM core.opportunity") == [(240,)], "prod is as it was"
    assert world.ask("SELECT sum(amount)::INT FROM core__dev.opportunity") == [(270,)]
    assert len(world.tables() - before) == 1, "what nobody changed is shared"

    found = world.diff()
    assert found.own == ("core.opportunity",)
    assert moved(found) == {
        "revenue": {None: (240, 270), "2026-02": (30, 60)},
        "average_deal": {None: (Decimal(80), Decimal(90)), "2026-02": (30, 60)},
    }
    [deals, people] = [one for one in found.movements if one.outcome == "same"]
    assert deals.asked > 0, "deals are read from a table that was built anew"
    assert (people.asked, people.spared > 0) == (0, True), "people cannot move"

    built = world.tables()
    promoted = world.promote()
    assert (promoted.models, promoted.built) == (("core.opportunity",), 0)
    assert world.tables() == built, "promotion makes no table"
    assert world.ask("SELECT sum(amount)::INT FROM core.opportunity") == [(270,)]
    assert world.diff().changes_nothing

    world.build()
    assert world.tables() == built, "nor does the refresh that follows"


def test_a_change_that_moves_nothing_says_so(world):
    world.edit("opportunity", "amount::", "(amount + 0)::")
    assert world.plan().built == 1
    found = world.diff()
    assert found.changes_nothing
    assert moved(found) == {}
    assert [one.asked > 0 for one in found.movements if one.metric == "revenue"] == [True]


def test_what_moves_between_members_moves_although_the_whole_stays(world):
    world.edit(
        "opportunity", "amount::", "(CASE deal_id WHEN '1' THEN 110 WHEN '2' THEN 100 ELSE amount END)::"
    )
    world.plan()
    [revenue] = [one for one in world.diff().of("moves") if one.metric == "revenue"]
    assert (revenue.totals, revenue.months) == ((), ())
    [(by, cells)] = revenue.within
    assert by == "deal_size"
    assert {(cell.month, cell.members, cell.before, cell.after) for cell in cells} == {
        ("2026-01", (("deal_size", "large"),), 200, 210),
        ("2026-01", (("deal_size", "small"),), 10, None),
    }


def test_a_broken_model_or_audit_is_told_and_prod_is_as_it_was(world):
    world.edit("opportunity", "FROM staging.deal", "FROM staging.deal WHERE no_such_column > 1")
    with pytest.raises(InfraError, match=r"dev was not built: models: .*CORE.OPPORTUNITY: .*NO_SUCH_COLUMN"):
        world.plan()
    world.edit("opportunity", "no_such_column > 1", "TRUE")
    world.edit("opportunity", "amount::", "NULL::")
    with pytest.raises(InfraError, match=r"deal_has_amount on core\.opportunity: 3 rows") as caught:
        world.plan()
    assert "prod and what is served are as they were" in str(caught.value)
    assert world.ask("SELECT sum(amount)::INT FROM core.opportunity") == [(240,)]
    with pytest.raises(MistakeError, match="there is no environment 'dev'"):
        world.promote()


def test_what_was_not_reviewed_is_not_promoted(world):
    world.edit("opportunity", "amount::", "(amount + 1)::")
    world.plan()
    world.edit("opportunity", "amount + 1", "amount + 2")
    with pytest.raises(MistakeError, match=r"the files are not what dev was built from \(core.opportunity\)"):
        world.promote()
    world.edit("opportunity", "amount + 2", "amount + 1")

    # New rows since: dev holds yesterday's.
    world.load([*DEALS, ("4", 40, "2026-03-01")])
    with pytest.raises(MistakeError, match="not built from the same raw rows"):
        world.promote()
    planned = world.plan()
    assert (planned.built, planned.same_rows) == (1, False)
    assert any("not built from the same raw rows" in note for note in world.diff().notes)
    with pytest.raises(MistakeError, match="cannot be an environment"):
        environments.plan(world.home.warehouse_file, "prod", lambda *_: None, world.project)


def test_a_version_that_was_built_for_review_earlier_is_built_from_the_rows_of_now(world):
    world.edit("opportunity", "amount::", "(amount + 1)::")
    world.plan()
    world.edit("opportunity", "amount + 1", "amount + 2")
    world.plan()
    world.edit("opportunity", "amount + 2", "amount")
    world.load([*DEALS, ("4", 40, "2026-03-01")])
    world.build()
    world.edit("opportunity", "(amount)", "(amount + 1)")
    assert world.plan().same_rows
    assert moved(world.diff())["revenue"] == {
        None: (280, 284), "2026-01": (210, 212), "2026-02": (30, 31), "2026-03": (40, 41),
    }  # fmt: skip


def test_definitions_and_metrics_that_fail(world, touchstone, monkeypatch):
    world.edit("opportunity", "closed_at::TIMESTAMP AS closed_at", "closed_at::TIMESTAMP AS ended_at")
    world.plan()
    then = world.glossary.with_name("then.yml")
    then.write_text(GLOSSARY.replace("expr: person_id}]\nmetrics", 'expr: "person_id"}]\nmetrics'))
    world.glossary.write_text(
        GLOSSARY.replace("agg: count, expr: deal_id", "agg: count_distinct, expr: deal_id")
    )
    found = world.diff(before_glossary=then)
    assert {one.metric for one in found.of("fails")} == {"revenue", "deals", "average_deal"}
    assert all("closed_at" in one.reason for one in found.of("fails"))
    assert {one.metric for one in found.movements if one.redefined} == {"deals", "average_deal"}

    monkeypatch.setenv("TOUCHSTONE_GLOSSARY", str(world.glossary))
    for form, starts in (
        ("table", "dev against prod: "),
        ("markdown", "## dev against prod: "),
        ("json", "{"),
    ):
        code, told, _ = touchstone("diff", "--exit-code", "--format", form)
        assert code == 1
        assert told.startswith(starts)
    assert {one["metric"] for one in json.loads(told)["metrics"] if one["outcome"] == "fails"} == {
        "revenue", "deals", "average_deal",
    }  # fmt: skip


def test_discarding_leaves_the_tables_of_prod_alone(world):
    before = world.tables()
    world.edit("opportunity", "amount::", "(amount + 1)::")
    world.plan()
    environments.discard(world.home.warehouse_file, "dev", lambda *_: None, world.project)
    assert world.ask("SELECT sum(amount)::INT FROM core.opportunity") == [(240,)]
    assert world.tables() == before
    with pytest.raises(MistakeError, match="there is no environment 'dev'"):
        world.diff()


def test_what_is_served_and_any_file_can_be_a_side(world, touchstone, monkeypatch):
    """Against what readers see, a change and the new rows move together; the definitions are those of then."""
    with pytest.raises(MistakeError, match="nothing is served yet"):
        world.diff(before="served")
    first = publication.publish(world.home, {}, glossary=world.glossary).path
    world.load([*DEALS, ("4", 40, "2026-02-01")])
    world.build()
    world.edit("opportunity", "amount::", "(CASE WHEN deal_id = '3' THEN amount * 2 ELSE amount END)::")
    world.plan()
    world.glossary.write_text(GLOSSARY.replace("agg: count, expr: deal", "agg: count_distinct, expr: deal"))
    expected = {None: (240, 310), "2026-02": (30, 100)}  # 30 doubled, and 40 that nobody has read yet
    for before in ("served", first):
        found = world.diff(before=before)
        assert moved(found)["revenue"] == expected
        assert {one.metric for one in found.movements if one.redefined} == {"deals", "average_deal"}
        assert not any("raw rows" in note for note in found.notes)
    second = publication.publish(world.home, {}, glossary=world.glossary).path
    assert moved(world.diff(before=first, after=second))["revenue"] == {None: (240, 280), "2026-02": (30, 70)}

    monkeypatch.setenv("TOUCHSTONE_GLOSSARY", str(world.glossary))
    sides_of = ("--before", str(first), "--after", str(second), "--format", "json")
    code, told, _ = touchstone("diff", *sides_of)
    [revenue] = [one for one in json.loads(told)["metrics"] if one["metric"] == "revenue"]
    assert (code, revenue["outcome"]) == (0, "moves")
    code, _, err = touchstone("diff", "--before", str(world.home.root / "nowhere.duckdb"))
    assert code == 2
    assert "nowhere.duckdb" in err


def test_what_moves_between_members_that_no_closing_keeps_moves_too(world):
    world.glossary.write_text(GLOSSARY.replace('closing: {metrics: ["*"], by: [[deal_size]]}\n', ""))
    world.edit(
        "opportunity", "amount::", "(CASE deal_id WHEN '1' THEN 110 WHEN '2' THEN 100 ELSE amount END)::"
    )
    world.plan()
    found = world.diff()
    assert {one.metric: [by for by, _ in one.within] for one in found.of("moves")} == {
        "revenue": ["deal_size"], "deals": ["deal_size"], "average_deal": ["deal_size"],
    }  # fmt: skip
    assert not found.changes_nothing


def test_what_has_no_date_moves_beside_the_whole(world):
    world.load([*DEALS, ("4", 7, None), ("5", 5, "1999-01-05")])
    world.build()
    world.edit("opportunity", "amount::", "(CASE WHEN deal_id > '3' THEN amount * 2 ELSE amount END)::")
    world.plan()
    found = world.diff()
    expected = {None: (252, 264), "(none)": (7, 14), "1999-01": (5, 10)}
    assert moved(found)["revenue"] == expected
    assert [(row["month"], row["after"]) for row in rows(found) if row["metric"] == "revenue"][:2] == [
        (None, "264.00"),
        ("(none)", "14.00"),
    ]
    assert "(none)   7.00" in text(found)


def test_a_build_that_did_not_end_is_told_as_such(world):
    world.edit("opportunity", "amount::", "(amount + 1)::")
    world.plan()
    world.edit("opportunity", "(amount + 1)::", "NULL::")
    with pytest.raises(InfraError, match="deal_has_amount"):
        world.plan()
    found = world.diff()
    assert moved(found)["revenue"][None] == (240, 243), "dev is what it was"
    assert [note for note in found.notes if "last build of dev did not come to its end" in note]
    assert not [note for note in found.notes if "raw rows" in note]
    world.edit("opportunity", "NULL::", "(amount + 1)::")
    with pytest.raises(MistakeError, match=r"did not come to its end: run `touchstone plan dev` first"):
        world.promote()
    world.plan()
    assert world.promote().built == 0


def test_two_reviews_at_once_and_a_week_later(world):
    world.edit("opportunity", "amount::", "(amount + 1)::")
    world.plan()
    world.edit("opportunity", "amount + 1", "amount + 2")
    environments.plan(world.home.warehouse_file, "other", lambda *_: None, world.project)
    assert moved(world.diff("dev", "other"))["revenue"][None] == (243, 246)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=6)):
        promoted = environments.promote(world.home.warehouse_file, "other", lambda *_: None, world.project)
    assert (promoted.models, promoted.built) == (("core.opportunity",), 0), (
        "another day builds nothing either"
    )
    assert world.ask("SELECT sum(amount)::INT FROM core.opportunity") == [(246,)]
    with pytest.raises(MistakeError, match="the files are not what dev was built from"):
        world.promote()
    environments.discard(world.home.warehouse_file, "dev", lambda *_: None, world.project)
    assert world.ask("SELECT sum(amount)::INT FROM core__other.opportunity") == [(246,)]


def test_a_model_that_is_gone_is_gone_when_it_is_promoted(world):
    (world.project / "models" / "person.sql").unlink()
    assert world.plan().removed == ("core.person",)
    assert [one.metric for one in world.diff().of("fails")] == ["people"]
    assert world.ask("SELECT count(*) FROM core.person") == [(0,)]
    assert world.promote().removed == ("core.person",)
    assert world.ask("SELECT count(*) FROM duckdb_views() WHERE view_name ILIKE 'person'") == [(0,)]


@pytest.mark.parametrize("name", ["prod", "served", "Dev", "my-env", "1dev", "a" * 60, ""])
def test_a_name_that_means_something_else_or_none_is_refused(name):
    with pytest.raises(MistakeError, match="at most 31 lower-case letters"):
        environments.check_name(name)


def test_sql_that_cannot_be_read_is_told_without_marks_of_the_terminal(world):
    world.edit("opportunity", "FROM staging.deal", "FRM staging.deal ((")
    with pytest.raises(InfraError, match=r"FRM staging\.deal") as caught:
        world.plan()
    assert "\x1b" not in str(caught.value)
