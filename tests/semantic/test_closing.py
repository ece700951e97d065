"""What was reported stays as it was told: closed months are answered as they were, exactly or not at all."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from semantic.answer import Answer
from semantic.ask import ask, compile_query, drill_through
from semantic.closing import Signed, close_month
from semantic.closings import Reopening, in_force, known_at
from semantic.definitions import ClosingRule, Glossary
from semantic.errors import AccessDenied, BadValue, Refusal, UnknownName, WarehouseError
from semantic.predicates import parse_predicate
from semantic.query import SYSTEM, Principal, query_from_document
from semantic.warehouse.closed_files import ClosedFiles
from tests.semantic.conftest import Rows, Shop, table_rows

LATER = dt.datetime(2026, 4, 2, 8, 0, tzinfo=dt.UTC)
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
QUARTER = {"from": "2026-01-01", "to": "2026-03-31"}
BOTH = {"from": "2026-01-01", "to": "2026-02-28"}
BY_MONTH = ["metric_time:month"]
TOP = {"dimension": "channel", "metric": "mean_order", "count": 1}


class Books:
    """A shop, its closed months, and a way to ask both."""

    def __init__(self, folder: Path) -> None:
        self.shop = Shop()
        self.store = ClosedFiles(folder)

    def close(self, month: str, at: dt.datetime = LATER, glossary: Glossary | None = None) -> None:
        number = self.store.next_number(month)
        closed = close_month(month, number, glossary or self.shop.glossary, self.shop, Signed("ann", at))
        self.store.add(*closed)

    def answer(
        self, principal: Principal = SYSTEM, glossary: Glossary | None = None, **document: Any
    ) -> Answer:
        query = query_from_document(document)
        return ask(query, glossary or self.shop.glossary, self.shop, principal, self.store)

    def rows(self, principal: Principal = SYSTEM, **document: Any) -> Rows:
        return table_rows(self.answer(principal, **document).table)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """January and February were closed; then the facts changed.

    | order | was              | is                                    |
    | 1     | web, 100, north  | web, 90: restated                     |
    | 3     | shop, 30, south  | gone                                  |
    | 7     |                  | tv, 13, no customer, in January: late |
    """
    found = Books(tmp_path_factory.mktemp("closed"))
    found.close("2026-01")
    found.close("2026-02")
    found.shop.connection.execute(
        "UPDATE shop.orders SET total = 90 WHERE order_id = 1; DELETE FROM shop.orders WHERE order_id = 3;"
        "INSERT INTO shop.orders VALUES (7, NULL, '2026-01-20', 'tv', TRUE, 13)"
    )
    yield found
    found.shop.connection.close()


def test_the_reported_number_stands_beside_the_live_one(books: Books) -> None:
    """January: 150 was reported, 153 it is now; March is not closed."""
    answer = books.answer(metrics=["order_total"], group_by=BY_MONTH, compare="as_reported")
    assert table_rows(answer.table) == [
        ("2026-01-01", 153.0, 150.0, 3.0, 0.02, "same"),
        ("2026-02-01", 20.0, 50.0, -30.0, -0.6, "same"),
        ("2026-03-01", 18.0, None, None, None, None),
    ]
    assert [column.name for column in answer.columns[2:]] == [
        f"order_total__{part}" for part in ("as_reported", "difference", "change", "definition")
    ]
    assert "Reported: 2026-01 (closed 2026-04-02 by ann), 2026-02 (closed 2026-04-02 by ann)." in answer.notes
    asked = books.answer(
        metrics=["order_total"], time_range=QUARTER, group_by=BY_MONTH, compare="as_reported"
    )
    assert "Not closed, so without a reported number: 2026-03." in asked.notes


def test_members_that_came_late_or_went_are_shown(books: Books) -> None:
    """Tv was not there, the shop's order of February is gone, and in each a filled metric says 0."""
    question = {"metrics": ["orders_every_day"], "group_by": ["channel"], "compare": "as_reported"}
    found = books.rows(**question, time_range=BOTH)
    assert [row[:4] for row in found] == [("shop", 0, 1, -1), ("tv", 1, 0, 1), ("web", 3, 3, 0)]


def test_as_of_answers_with_what_was_reported_alone(books: Books) -> None:
    answer = books.answer(metrics=["order_total", "orders"], as_of="2026-01")
    assert table_rows(answer.table) == [(150.0, 2)]
    assert answer.freshness["closed"]["by"] == "ann"
    question = {"metrics": ["order_total"], "group_by": ["metric_time"], "time_range": BOTH}
    assert books.rows(**question, as_of="2026-02") == [("2026-01-01", 150.0), ("2026-02-01", 50.0)]
    assert books.rows(metrics=["order_total"], as_of="live", time_range=JANUARY) == [(153.0,)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # a kept set as it is: a ratio, a distinct count, a mean, a balance, a conversion rate
        ({"metrics": ["cost_per_order"], "group_by": ["channel"]}, [("tv", None), ("web", 20.0)]),
        ({"metrics": ["buyers", "mean_order", "median_order"]}, [(1, 75.0, 75.0)]),
        ({"metrics": ["stock"], "group_by": ["channel"]}, [("shop", 6)]),
        ({"metrics": ["bought_after_visit"]}, [(1 / 3,)]),
        # one member of a kept set
        ({"metrics": ["mean_order"], "where": ["region = 'north'"]}, [(75.0,)]),
        ({"metrics": ["mean_order"], "group_by": ["channel"], "where": ["region = 'north'"]}, [("web", 75.0)]),
        ({"metrics": ["mean_order"], "where": ["region is null"]}, [(None,)]),
        # added up from a finer set
        ({"metrics": ["order_total"], "where": ["region in ('north', 'south')"]}, [(150.0,)]),
        ({"metrics": ["orders"], "where": ["channel <> 'web'"]}, [(0,)]),
        # credit is that of the default model, or of the one that is asked
        ({"metrics": ["credited"]}, [(100.0,)]),
        ({"metrics": ["credited"], "attribution_model": "first"}, [(100.0,)]),
        ({"metrics": ["credited"], "attribution_model": "last"}, [(100.0,)]),
        (
            {"metrics": ["credited"], "attribution_model": "last", "group_by": ["channel"]},
            [("ad", 40.0), ("mail", 60.0)],
        ),
        # a running number as it was shown by month
        ({"metrics": ["total_to_date"], "group_by": BY_MONTH}, [("2026-01-01", 150.0)]),
        ({"metrics": ["order_total"], "group_by": ["channel"], "having": ["order_total > 1000"]}, []),
        (
            {"metrics": ["order_total"], "group_by": ["channel"], "share_of_total": ["order_total"]},
            [("web", 150.0, 1.0)],
        ),
    ],
    ids=str,
)  # fmt: skip
def test_a_number_is_given_where_it_is_exactly_known(
    books: Books, question: dict[str, Any], expected: Rows
) -> None:
    assert books.rows(**question, as_of="2026-01") == expected


def test_months_add_up_and_a_ratio_is_made_again(books: Books) -> None:
    """58 of spend over 4 orders, over both months: never the mean of 22.5 and 6.5."""
    answer = books.answer(metrics=["order_total", "cost_per_order"], as_of="2026-02", time_range=BOTH)
    assert table_rows(answer.table) == [(200.0, 58 / 4)]
    assert "cost_per_order: made again from what was reported of its parts." in answer.notes
    margin = books.rows(metrics=["margin"], as_of="2026-02", time_range=BOTH)
    assert margin == [(142.0,)]


def test_a_part_is_never_taken_for_the_whole(books: Books) -> None:
    """The first quarter has an open month: it has no reported number, alone or by quarter."""
    question = {"metrics": ["order_total"], "compare": "as_reported", "time_range": QUARTER}
    assert books.rows(**question)[0][1] is None
    assert books.rows(**question, group_by=["metric_time:quarter"])[0][2] is None
    open_ended = {"metrics": ["order_total"], "compare": "as_reported", "group_by": ["metric_time:year"]}
    assert books.rows(**open_ended)[0][2] is None
    assert books.rows(**question | {"time_range": BOTH}, group_by=["metric_time:quarter"])[0][:3] == (
        "2026-01-01", 173.0, 200.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"metrics": ["buyers"], "where": ["region in ('north', 'south')"]}, "does not add up"),
        ({"metrics": ["buyers"], "time_range": BOTH}, "kept by month for: the whole"),
        ({"metrics": ["orders"], "group_by": ["is_paid"]}, "no dimension"),
        ({"metrics": ["orders"], "group_by": ["order__is_paid"]}, "not reported by order__is_paid.*channel, region"),
        ({"metrics": ["orders"], "group_by": ["metric_time:week"]}, "kept by month; there is none by week"),
        ({"metrics": ["orders"], "group_by": ["metric_time:fiscal_month"]}, "none by fiscal_month"),
        ({"metrics": ["orders"], "where": ["metric_time >= '2026-01-05'"]}, "by the time range"),
        ({"metrics": ["orders"], "where": ["METRIC('orders', 'customer') > 1"]}, "needs the facts"),
        ({"metrics": ["orders"], "time_range": {"from": "2026-01-05", "to": "2026-01-31"}}, "whole months"),
        ({"metrics": ["orders"], "time_range": {"from": "2026-01-01"}}, "both ends"),
        ({"metrics": ["orders"], "time_range": QUARTER}, "knows nothing of the time after"),
        ({"metrics": ["orders"], "time_zone": "Europe/Berlin"}, "begin in UTC"),
        ({"metrics": ["orders"], "compare": "previous_year"}, "nothing live beside it"),
        ({"metrics": ["growth"]}, "nothing was reported of it"),
        ({"metrics": ["total_to_date"]}, "was not reported by the whole"),
        ({"metrics": ["credited"], "group_by": ["region"]}, "not reported by region"),
        ({"metrics": ["mean_order"], "group_by": ["channel"], "top": TOP}, "does not add up"),
        ({"group_by": ["channel"]}, "name a metric"),
    ],
    ids=str,
)  # fmt: skip
def test_anything_else_is_refused_in_words(books: Books, question: dict[str, Any], message: str) -> None:
    with pytest.raises((Refusal, UnknownName), match=message):
        books.rows(**question, as_of="2026-02" if "2026-02" in str(question) else "2026-01")


def test_months_that_do_not_hold_are_named(books: Books) -> None:
    for month, error, message in (
        ("2026-03", Refusal, "has not been closed. Closed are 2026-01, 2026-02"),
        ("2026-3", BadValue, "Write it like 2026-10"),
        ("soon", BadValue, "not a month"),
    ):
        with pytest.raises(error, match=message):
            books.rows(metrics=["orders"], as_of=month)
    with pytest.raises(Refusal, match="none is closed"):
        books.shop.rows(metrics=["orders"], group_by=BY_MONTH, compare="as_reported")
    with pytest.raises(Refusal, match="give a time range of months"):
        books.rows(metrics=["orders"], compare="as_reported")
    query = query_from_document({"metrics": ["orders"], "as_of": "2026-01"})
    with pytest.raises(Refusal, match="numbers, not rows"):
        drill_through(query, "orders", {}, books.shop.glossary, books.shop)


def test_totals_tops_and_order_hold_for_closed_numbers_too(books: Books) -> None:
    answer = books.answer(metrics=["mean_order"], group_by=["channel"], as_of="2026-02", totals=True)
    assert table_rows(answer.table) == [("shop", 30.0), ("web", 20.0)]
    assert answer.totals is not None
    assert table_rows(answer.totals) == [(25.0,)]
    top = {"dimension": "channel", "metric": "order_total", "count": 1}
    assert books.rows(metrics=["order_total"], group_by=["channel"], as_of="2026-02", top=top) == [
        ("Other", 20.0), ("shop", 30.0),
    ]  # fmt: skip
    question = {
        "metrics": ["order_total"],
        "group_by": ["channel"],
        "time_range": JANUARY,
        "compare": "as_reported",
    }
    answer = books.answer(**question, order_by=["-order_total__difference"], limit=1)
    assert table_rows(answer.table)[0][:4] == ("web", 140.0, 150.0, -10.0)
    assert answer.total == 2


def test_a_changed_definition_is_said(books: Books) -> None:
    shop = books.shop.glossary
    paid = replace(shop.metrics["orders"], filters=(parse_predicate("is_paid"),))
    changed = replace(shop, metrics={**shop.metrics, "orders": paid})
    answer = books.answer(glossary=changed, metrics=["orders"], time_range=JANUARY, compare="as_reported")
    assert table_rows(answer.table) == [(2, 2, 0, 0.0, "changed")]
    assert "orders: the definition has changed since 2026-01 was closed." in answer.notes
    with pytest.raises(Refusal, match="does not add up"):  # made again only of what it means today
        books.answer(
            glossary=changed, metrics=["cost_per_order"], as_of="2026-02",
            time_range=BOTH,
        )  # fmt: skip


def test_rights_hold_for_what_was_reported(books: Books) -> None:
    """The north sees its own 150 of January, in the statement too; what was not kept for it is refused."""
    north = Principal("nora", roles=("north",))
    answer = books.answer(north, metrics=["order_total", "mean_order"], as_of="2026-01")
    assert table_rows(answer.table) == [(150.0, 75.0)]
    question = {"metrics": ["order_total"], "group_by": ["channel"], "time_range": BOTH}
    live = books.answer(north, **question, compare="as_reported")
    assert [row[:3] for row in table_rows(live.table)] == [("web", 140.0, 150.0)]
    assert "south" not in live.sql
    for other, message in (
        ({"metrics": ["stock"]}, "certain rows"),  # a balance's instant is that of all rows
        ({"metrics": ["bought_after_visit"]}, "certain rows"),  # the other event may be of another region
        ({"metrics": ["spend"]}, "certain rows"),  # knows no region
        ({"metrics": ["credited"]}, "certain rows"),
    ):
        with pytest.raises((AccessDenied, Refusal), match=message):
            books.rows(north, **other, as_of="2026-01")
    with pytest.raises(Refusal, match="'nora' sees rows by region: add a set with region"):
        books.rows(north, metrics=["mean_order"], group_by=["customer__name"], as_of="2026-01")
    analyst = Principal("alan", roles=("analyst",))
    with pytest.raises(AccessDenied, match="margin"):
        books.rows(analyst, metrics=["margin"], as_of="2026-01")
    not_plain = Principal("x", row_filters=(parse_predicate("region like 'n%'"),), see_all=True)
    with pytest.raises(AccessDenied, match="cannot be held to"):
        books.rows(not_plain, metrics=["orders"], as_of="2026-01")


def test_masked_members_stay_masked(tmp_path: Path) -> None:
    """Kept by name, the sums are shown under the mask, and the statement holds no name."""
    books = Books(tmp_path)
    books.close("2026-01")
    role = replace(books.shop.glossary.roles["masked"], masked_dimensions=("region",))
    glossary = replace(books.shop.glossary, roles={"masked": role})
    masked = Principal("mia", roles=("masked",))
    answer = books.answer(masked, glossary, metrics=["orders"], group_by=["region"], as_of="2026-01")
    assert table_rows(answer.table) == [("***", 2)]
    assert "north" not in answer.sql
    with pytest.raises(AccessDenied, match="masked"):
        books.answer(masked, glossary, metrics=["orders"], where=["region = 'north'"], as_of="2026-01")
    with pytest.raises(Refusal, match="does not add up"):
        books.answer(masked, glossary, metrics=["mean_order"], group_by=["region"], as_of="2026-01")


def test_a_masked_member_of_a_row_filter_still_filters(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.close("2026-01")
    role = replace(books.shop.glossary.roles["north"], masked_dimensions=("region",))
    glossary = replace(books.shop.glossary, roles={"north": role})
    nora = Principal("nora", roles=("north",))
    answer = books.answer(nora, glossary, metrics=["orders"], group_by=["region"], as_of="2026-01")
    assert table_rows(answer.table) == [("***", 2)]


def test_a_member_that_looks_like_a_marker_is_only_a_name(tmp_path: Path) -> None:
    """The values of a question are put where its statement is marked: no name in the data may be such a mark."""
    books = Books(tmp_path)
    name = "a:touchstone_slot_0b%(touchstone_slot_0)s'"
    books.shop.run("UPDATE shop.orders SET channel = ? WHERE channel = 'web'", (name,))
    books.close("2026-01")
    question = {"metrics": ["orders"], "group_by": ["channel"], "as_of": "2026-01"}
    assert books.rows(**question) == [(name, 2)]
    assert books.rows(**question, where=[{"dimension": "channel", "op": "eq", "value": name}]) == [(name, 2)]


def test_credit_of_several_models_is_never_added_up(tmp_path: Path) -> None:
    """Kept by model and channel only: by channel alone it would be first and last together."""
    books = Books(tmp_path)
    by = ((), ("attribution_model", "channel"))
    books.close("2026-01", glossary=replace(books.shop.glossary, closing=ClosingRule(("credited",), (), by)))
    question = {"metrics": ["credited"], "as_of": "2026-01"}
    with pytest.raises(Refusal, match="'credited' was not reported by channel"):
        books.rows(**question, group_by=["channel"])
    assert books.rows(**question) == [(100.0,)]
    assert books.rows(**question, group_by=["channel"], attribution_model="last") == [
        ("ad", 40.0),
        ("mail", 60.0),
    ]
    assert books.rows(**question, group_by=["attribution_model"]) == [("first", 100.0), ("last", 100.0)]
    assert books.rows(**question, where=["attribution_model = 'last'"]) == [(100.0,)]
    with pytest.raises((Refusal, AccessDenied), match="attribution_model"):
        books.rows(**question, where=["attribution_model in ('first', 'last')"])


def test_a_part_that_may_not_be_seen_is_not_written_into_the_statement(books: Books) -> None:
    role = replace(books.shop.glossary.roles["analyst"], metrics=("cost_per_order",))
    glossary = replace(books.shop.glossary, roles={"analyst": role})
    with pytest.raises(Refusal, match="does not add up"):
        books.answer(
            Principal("alan", roles=("analyst",)),
            glossary,
            metrics=["cost_per_order"],
            as_of="2026-02",
            time_range=BOTH,
        )


def test_a_month_is_closed_once_and_reopened_with_a_reason(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.close("2026-01")
    with pytest.raises(Refusal, match="closed already: on 2026-04-02 by ann"):
        books.close("2026-01")
    books.close("2026-02", LATER + dt.timedelta(hours=1))
    books.store.reopen("2026-01", Reopening("2026-04-03T08:00:00+00:00", "bob", "late order"))
    with pytest.raises(Refusal, match=r"reopened on 2026-04-03 by bob \(late order\)"):
        books.rows(metrics=["orders"], as_of="2026-01")
    books.shop.connection.execute("INSERT INTO shop.orders VALUES (7, NULL, '2026-01-20', 'tv', TRUE, 13)")
    books.close("2026-01", LATER + dt.timedelta(days=2))
    assert [(head.month, head.number, bool(head.reopened)) for head in books.store.heads()] == [
        ("2026-01", 1, True), ("2026-01", 2, False), ("2026-02", 1, False),
    ]  # fmt: skip
    assert in_force(books.store.heads())["2026-01"].number == 2
    assert known_at(books.store.heads(), "2026-02")["2026-01"].number == 1  # what February's report showed
    assert books.rows(metrics=["order_total"], as_of="2026-01") == [(163.0,)]
    assert books.rows(metrics=["order_total"], as_of="2026-02", time_range=BOTH) == [(200.0,)]


def test_a_month_that_is_not_over_or_not_read_is_not_closed(tmp_path: Path) -> None:
    books = Books(tmp_path)
    with pytest.raises(Refusal, match="2026-04 has not ended: today is 2026-04-02"):
        books.close("2026-04")
    late = replace(books.shop.glossary.settings, time_zone="America/New_York")
    with pytest.raises(
        Refusal, match="2026-03 has not ended: today is 2026-03-31"
    ):  # it is one in the morning in UTC
        books.close(
            "2026-03", dt.datetime(2026, 4, 1, 1, tzinfo=dt.UTC), replace(books.shop.glossary, settings=late)
        )
    books.shop.freshness = lambda: {"published_at": "2026-03-31T23:59:00+00:00"}  # type: ignore[method-assign]
    with pytest.raises(Refusal, match="published on 2026-03-31, before 2026-03 had ended"):
        books.close("2026-03")
    books.shop.freshness = lambda: {"watermark": {"crm": "2026-03-30T09:00:00", "off": None}}  # type: ignore[method-assign]
    with pytest.raises(Refusal, match="newer than what has been read: crm until 2026-03-30"):
        books.close("2026-03")
    books.shop.freshness = lambda: {"watermark": {"crm": "2026-03-31T09:00:00"}}  # type: ignore[method-assign]
    books.close("2026-03")


def test_a_closing_that_was_changed_is_not_read(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.shop.connection.execute(
        "UPDATE shop.orders SET channel = 'w' || chr(8232) || 'b' WHERE channel = 'web'"
    )
    books.close("2026-01")
    assert ClosedFiles(tmp_path).heads() == books.store.heads()  # a member with an end of line in it
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]
    file = tmp_path / "2026-01.1.jsonl"
    file.write_text(file.read_text().replace('"150.00"', '"151.00"'))
    with pytest.raises(WarehouseError, match="changed since it was written"):
        ClosedFiles(tmp_path).heads()


def test_what_was_reported_is_explained(books: Books) -> None:
    query = query_from_document({"metrics": ["orders"], "where": ["region = 'north'"], "as_of": "2026-01"})
    compiled = compile_query(query, books.shop.glossary, closings=books.store)
    assert (
        "orders is the sum of what was reported of orders by region: 2026-01 (closed 2026-04-02 by ann)"
        in (compiled.explain())
    )
    assert "only where region = ?" in compiled.explain()
    for dialect in ("snowflake", "postgres", "bigquery", "redshift"):
        assert compile_query(query, books.shop.glossary, dialect, closings=books.store).sql


GROUPS = (
    [],
    ["channel"],
    ["region"],
    ["channel", "region"],
    BY_MONTH,
    ["channel", *BY_MONTH],
    ["metric_time:quarter"],
)
WHERES = (
    [],
    [],
    ["region = 'north'"],
    ["region <> 'north'"],
    ["channel is null"],
    ["channel in ('web', 'shop')"],
)


def test_what_was_just_closed_is_what_is_live(tmp_path: Path) -> None:
    """While no fact has changed, a closed number is the live one, for whoever asks and however; or it is refused."""
    books = Books(tmp_path)
    for month in ("2026-01", "2026-02", "2026-03"):
        books.close(month)
    draw, north = random.Random(7), Principal("nora", roles=("north",))
    answered = 0
    for _ in range(300):
        question = {
            "metrics": draw.sample(sorted(books.shop.glossary.metrics), 1),
            "group_by": draw.choice(GROUPS),
            "where": draw.choice(WHERES),
            "time_range": draw.choice((JANUARY, BOTH, QUARTER)),
        }
        who = draw.choice((SYSTEM, SYSTEM, north))
        try:
            closed = books.rows(who, **question, as_of="2026-03")
        except (Refusal, AccessDenied):
            continue
        answered += 1
        live = books.shop.rows(who, **question)
        assert closed == [pytest.approx(row) for row in live], question
    assert answered > 100
