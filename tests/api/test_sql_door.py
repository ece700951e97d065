"""The SQL door: what dashboards write is answered by the engine, and the numbers are those of /v1/query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.api.conftest import EMEA, KEY, SERVICE, Served

HERE = Path(__file__).parent


def cases(file: str) -> list[tuple[str, str]]:
    """The statements of a file, each with what stands after its arrow."""
    lines = [line for line in (HERE / file).read_text().splitlines() if line and not line.startswith("--")]
    return [(a.strip(), b.strip()) for a, _, b in (line.partition("  -->") for line in lines)]


@pytest.mark.parametrize(("sql", "said"), cases("hostile.sql"), ids=lambda text: text[:60])
def test_what_is_not_understood_is_refused_with_a_lesson(served: Served, sql: str, said: str) -> None:
    response = served.sql(sql)
    assert response.status_code == 400, response.text
    assert said in response.json()["error"]["message"]


@pytest.mark.parametrize(("sql", "rows"), cases("superset.sql"), ids=lambda text: text[:90])
def test_what_superset_sends_is_answered(served: Served, sql: str, rows: str) -> None:
    found = served.rows(sql)
    assert not rows or len(found) == int(rows), found
    assert served.rows(sql) == found, "the same rows in the same order"


def asked(served: Served, **question: Any) -> list[dict[str, Any]]:
    response = served.post("/v1/query", question)
    assert response.status_code == 200, response.text
    rows: list[dict[str, Any]] = response.json()["rows"]
    return rows


def test_the_numbers_are_those_of_the_question(served: Served) -> None:
    by_sql = served.rows(
        "SELECT channel, DATE_TRUNC('month', metric_time) AS metric_time, MEASURE(mqls), MEASURE(cost_per_mql) "
        "FROM metrics WHERE region IN ('EMEA', 'AMER') AND metric_time >= '2026-01-01' "
        "AND metric_time < '2026-04-01' GROUP BY 1, 2 ORDER BY channel, metric_time"
    )
    by_rest = asked(
        served,
        metrics=["mqls", "cost_per_mql"],
        group_by=["channel", "metric_time:month"],
        where=["region in ('EMEA', 'AMER')"],
        time_range={"from": "2026-01-01", "to": "2026-03-31"},
        order_by=["channel", "metric_time"],
    )
    midnight = "T00:00:00"
    assert by_sql == [{**row, "metric_time": row["metric_time"][:10] + midnight} for row in by_rest]
    assert len(by_sql) > 5


@pytest.mark.parametrize(
    ("compare", "parts"),
    [
        ("previous_year", ("difference", "change")),
        ("previous_period", ("difference", "change")),
        ("target", ("difference", "attainment", "status")),
    ],
)
@pytest.mark.parametrize("quote", ["", "'"])
def test_a_comparison_is_the_one_of_the_other_doors(
    served: Served, compare: str, parts: tuple[str, ...], quote: str
) -> None:
    """Also of rows that only the earlier period has, and ordered by what is compared."""
    word, year = f"{quote}{compare}{quote}", 2027 if compare == "previous_year" else 2026
    shown = "".join(f", MEASURE(mqls, {word}, {part})" for part in parts)
    by_sql = served.rows(
        f"SELECT DATE_TRUNC('month', metric_time) AS metric_time, MEASURE(mqls), MEASURE(mqls, {word}){shown} "
        f"FROM metrics WHERE metric_time >= '{year}-01-01' AND metric_time < '{year}-04-01' GROUP BY 1 "
        f"ORDER BY MEASURE(mqls, {word}) DESC, 1"
    )
    by_rest = asked(
        served,
        metrics=["mqls"],
        group_by=["metric_time:month"],
        time_range={"from": f"{year}-01-01", "to": f"{year}-03-31"},
        compare=compare,
        order_by=[f"-mqls__{compare}", "metric_time"],
    )
    names = {"mqls": "mqls", f"mqls__{compare}": f"mqls__{compare}"}
    names |= {f"mqls__{compare}__{part}": f"mqls__{part}" for part in parts}
    assert [{sql: row[sql] for sql in names} for row in by_sql] == [
        {sql: row[rest] for sql, rest in names.items()} for row in by_rest
    ]
    assert any(row[f"mqls__{compare}"] for row in by_sql)


def test_a_comparison_of_a_label_and_of_a_ratio(served: Served) -> None:
    """`Others` a year before is that of its members asked together; HAVING and arithmetic see it too."""
    where = "metric_time >= '2026-01-01' AND metric_time < '2026-04-01'"
    label = "CASE WHEN channel = 'email' THEN channel ELSE 'Others' END"
    found = served.rows(
        f"SELECT {label} AS c, MEASURE(cost_per_mql, previous_period) AS then, "
        f"MEASURE(cost_per_mql) - MEASURE(cost_per_mql, previous_period) AS d FROM metrics "
        f"WHERE {where} GROUP BY {label} "
        "HAVING MEASURE(cost_per_mql, previous_period) > 0"
    )
    (others,) = asked(
        served,
        metrics=["cost_per_mql"],
        where=["channel is null or channel <> 'email'"],
        time_range={"from": "2026-01-01", "to": "2026-03-31"},
        compare="previous_period",
    )
    then = {row["c"]: row["then"] for row in found}
    assert then["Others"] == others["cost_per_mql__previous_period"]
    assert {row["c"]: row["d"] for row in found}["Others"] == others["cost_per_mql__difference"]
    nothing = f"SELECT channel, MEASURE(mqls, previous_year) FROM metrics WHERE {where} AND 1 = 0 GROUP BY 1"
    assert not served.rows(nothing)


@pytest.mark.parametrize(
    "metric", ["mqls", "cost_per_mql", "win_rate", "average_deal_size", "closed_won_revenue"]
)
def test_a_label_has_the_number_of_its_members_asked_together(served: Served, metric: str) -> None:
    """`Others` of a ratio is the ratio over all others, not the sum or mean of theirs; NULL is one of them."""
    rows = served.rows(
        f"SELECT CASE WHEN channel IN ('email', 'paid_search') THEN channel ELSE 'Others' END AS c, MEASURE({metric}) "
        "FROM metrics GROUP BY CASE WHEN channel IN ('email', 'paid_search') THEN channel ELSE 'Others' END"
    )
    found = {row["c"]: row[metric] for row in rows}
    others = asked(
        served, metrics=[metric], where=["channel is null or channel not in ('email', 'paid_search')"]
    )
    assert found["Others"] == others[0][metric]
    for channel in set(found) - {"Others"}:
        (alone,) = asked(served, metrics=[metric], where=[f"channel = '{channel}'"])
        assert found[channel] == alone[metric]


def test_labels_by_month_and_beside_a_plain_dimension(served: Served) -> None:
    rows = served.rows(
        "SELECT region, DATE_TRUNC('month', metric_time) m, "
        "CASE WHEN channel LIKE 'paid%' THEN 'Paid' ELSE 'Other' END c, "
        "MEASURE(mqls), MEASURE(cost_per_mql) FROM metrics GROUP BY 1, 2, 3"
    )
    paid = asked(
        served,
        metrics=["mqls", "cost_per_mql"],
        group_by=["region", "metric_time:month"],
        where=["channel like 'paid%'"],
    )
    found = {(r["region"], r["m"][:10]): (r["mqls"], r["cost_per_mql"]) for r in rows if r["c"] == "Paid"}
    assert found == {(r["region"], r["metric_time"]): (r["mqls"], r["cost_per_mql"]) for r in paid}


def test_a_label_that_only_renames_merges_what_becomes_equal(served: Served) -> None:
    """COALESCE(channel, 'unknown') puts the missing channel and `unknown` into one row: asked as one."""
    rows = served.rows(
        "SELECT COALESCE(channel, 'unknown') c, MEASURE(lead_to_mql_rate) r FROM metrics GROUP BY 1"
    )
    merged = {row["c"]: row["r"] for row in rows}["unknown"]
    (together,) = asked(
        served, metrics=["lead_to_mql_rate"], where=["channel is null or channel = 'unknown'"]
    )
    assert merged == together["lead_to_mql_rate"]


def test_a_period_is_half_open_and_instants_are_kept(served: Served) -> None:
    """p05 is an MQL in the last half hour of January, p06 at the first instant of February."""
    whole = served.rows(
        "SELECT MEASURE(mqls) FROM metrics WHERE metric_time < TIMESTAMP '2026-02-01 00:00:00'"
    )
    plus = served.rows(
        "SELECT MEASURE(mqls) FROM metrics WHERE metric_time <= TIMESTAMP '2026-02-01 00:00:00'"
    )
    early = served.rows(
        "SELECT MEASURE(mqls) FROM metrics WHERE metric_time < TIMESTAMP '2026-01-31 23:00:00'"
    )
    assert plus[0]["mqls"] == whole[0]["mqls"] + 1
    assert early[0]["mqls"] == whole[0]["mqls"] - 1
    (january,) = asked(served, metrics=["mqls"], time_range={"to": "2026-01-31"})
    assert january == whole[0]


P05_P06 = [
    ("metric_time < TIMESTAMP '2026-01-31 23:00:00'", 5),
    ("metric_time < TIMESTAMP '2026-02-01 00:00:00'", 6),
    ("TIMESTAMP '2026-02-01 00:00:00' >= metric_time", 7),
    ("metric_time <= '2026-01-31'", 6),
    ("metric_time <= DATE '2026-01-31'", 6),
    ("metric_time BETWEEN '2026-01-01' AND '2026-01-31'", 5),
    ("metric_time = '2026-02-01'", 1),
    ("metric_time = TIMESTAMP '2026-02-01 00:00:00'", 1),
    ("metric_time IN ('2026-01-31', '2026-02-01')", 2),
    ("metric_time <> '2026-02-01'", 14),
    ("metric_time > '2026-01-31'", 9),
    ("NOT (metric_time < '2026-02-01')", 9),
]


@pytest.mark.parametrize(("condition", "count"), P05_P06)
def test_a_time_means_the_same_wherever_it_is_compared(served: Served, condition: str, count: int) -> None:
    """A date is its whole day, a timestamp its instant: alone, under OR, in CASE, and as a label."""
    for where in (
        condition,
        f"({condition} OR channel = 'nobody')",
        f"NOT (NOT ({condition}))",
        f"CASE WHEN {condition} THEN TRUE ELSE FALSE END",
    ):
        assert served.rows(f"SELECT MEASURE(mqls) FROM metrics WHERE {where}") == [{"mqls": count}], where
    label = f"CASE WHEN {condition} THEN 'in' ELSE 'out' END"
    rows = served.rows(f"SELECT {label} AS l, MEASURE(mqls) AS n FROM metrics GROUP BY 1")
    assert {row["l"]: row["n"] for row in rows} == {"in": count, "out": 15 - count}


def test_an_instant_is_refused_of_a_clock_that_knows_days(served: Served) -> None:
    finer = "metric_time < TIMESTAMP '2026-01-31 12:00:00' OR channel = 'nobody'"
    response = served.sql(f"SELECT MEASURE(marketing_spend) FROM metrics WHERE {finer}")
    assert "kept by day" in response.json()["error"]["message"]


def test_repeated_bounds_meet_and_a_period_that_cannot_be_is_empty(served: Served) -> None:
    both = (
        "SELECT MEASURE(mqls) FROM metrics WHERE metric_time >= '2026-01-01' AND metric_time >= '2026-02-01' "
        "AND '2026-03-01' > metric_time AND metric_time < '2026-04-01'"
    )
    (february,) = asked(served, metrics=["mqls"], time_range={"from": "2026-02-01", "to": "2026-02-28"})
    assert served.rows(both) == [february]
    for never in ("1 = 0", "metric_time < '2026-01-01' AND metric_time > '2026-01-01'", "FALSE"):
        assert served.rows(f"SELECT MEASURE(mqls) FROM metrics WHERE {never}") == [{"mqls": 0}]
        assert served.rows(f"SELECT channel, MEASURE(mqls) FROM metrics WHERE {never} GROUP BY 1") == []
        assert served.rows(f"SELECT channel FROM metrics WHERE {never} GROUP BY 1") == []


def test_today_is_the_clock_of_the_doors(served: Served) -> None:
    """The test's clock says 15 April 2026."""
    relative = served.rows(
        "SELECT MEASURE(mqls) FROM metrics "
        "WHERE metric_time >= DATE_TRUNC('month', CURRENT_DATE) - INTERVAL '2 months' "
        "AND metric_time < DATE_TRUNC('month', CURRENT_DATE)"
    )
    assert relative == asked(served, metrics=["mqls"], time_range={"from": "2026-02-01", "to": "2026-03-31"})


def test_members_come_from_every_fact_and_from_own_rows(served: Served) -> None:
    channels = [row["channel"] for row in served.rows("SELECT DISTINCT channel FROM metrics")]
    assert channels == [*sorted(c for c in channels if c), None]
    assert {"display", "organic_search"} <= set(channels), "spend without leads, leads without spend"
    assert served.rows("SELECT region FROM metrics GROUP BY region", EMEA) == [{"region": "EMEA"}]
    asked_for = {"X_On_Behalf_Of": "alice"}
    assert served.rows("SELECT DISTINCT region FROM metrics", SERVICE, **asked_for) == [{"region": "EMEA"}]


SEEN_BY_NAME = [
    "SELECT region, MEASURE(leads) FROM metrics GROUP BY region",
    "SELECT region, MEASURE(win_rate) FROM metrics GROUP BY region ORDER BY MEASURE(leads) DESC",
    "SELECT region, channel FROM metrics",
    "SELECT * FROM metrics",
    "SELECT r AS region, MEASURE(mqls) FROM (SELECT region AS r FROM metrics) t GROUP BY r",
    "SELECT * FROM (SELECT region, MEASURE(mqls) FROM metrics GROUP BY 1) t",
    "SELECT COALESCE(region, 'EMEA') AS region, MEASURE(mqls) FROM metrics GROUP BY 1",
    "SELECT region, MEASURE(mqls) FROM metrics WHERE region = 'AMER' OR 1 = 1 GROUP BY 1",
    "SELECT region, MEASURE(mqls) FROM metrics WHERE CASE WHEN region = 'AMER' THEN TRUE ELSE TRUE END GROUP BY 1",
]


@pytest.mark.parametrize("sql", SEEN_BY_NAME)
def test_no_statement_sees_around_the_rows_of_a_person(served: Served, sql: str) -> None:
    rows = served.rows(sql, EMEA)
    assert {row["region"] for row in rows} <= {"EMEA"}
    assert {row["region"] for row in served.rows(sql)} - {"EMEA"}, "somebody with every right sees more"


def test_a_sum_over_finished_rows_is_the_total_when_it_adds_up(served: Served) -> None:
    total = served.rows(
        "SELECT SUM(s) AS s FROM (SELECT channel, MEASURE(marketing_spend) s FROM metrics GROUP BY 1) t"
    )
    assert total == [{"s": asked(served, metrics=["marketing_spend"])[0]["marketing_spend"]}]
    scaled = served.rows(
        "SELECT SUM(s) AS s FROM (SELECT channel, (MEASURE(mqls) + MEASURE(sqls)) * 2 AS s FROM metrics GROUP BY 1) t"
    )
    both = asked(served, metrics=["mqls", "sqls"])[0]
    assert scaled == [{"s": (both["mqls"] + both["sqls"]) * 2}]


def test_views_hide_rename_and_filter(served: Served) -> None:
    view = "(SELECT channel AS c, region FROM metrics WHERE region = 'EMEA') AS v"
    rows = served.rows(
        f"SELECT c, MEASURE(cost_per_mql) AS x FROM {view} WHERE c <> 'email' GROUP BY c ORDER BY c"
    )
    plain = asked(
        served,
        metrics=["cost_per_mql"],
        group_by=["channel"],
        where=["region = 'EMEA'", "channel <> 'email'"],
        order_by=["channel"],
    )
    assert rows == [{"c": row["channel"], "x": row["cost_per_mql"]} for row in plain]
    hidden = served.sql(f"SELECT segment, MEASURE(mqls) FROM {view} GROUP BY 1")
    assert "does not select 'segment'" in hidden.json()["error"]["message"]
    deep = "(SELECT c FROM (SELECT channel AS c, region AS r FROM metrics) a WHERE r = 'EMEA') b"
    assert served.rows(f"SELECT DISTINCT c FROM {deep}") == served.rows(f"SELECT DISTINCT c FROM {view}")
    label = "(SELECT CASE WHEN channel LIKE 'paid%' THEN 'Paid' ELSE 'Other' END AS kind FROM metrics) v"
    kinds = {
        row["kind"]: row["n"] for row in served.rows(f"SELECT kind, MEASURE(mqls) n FROM {label} GROUP BY 1")
    }
    assert kinds["Paid"] == asked(served, metrics=["mqls"], where=["channel like 'paid%'"])[0]["mqls"]


def test_missing_values_come_last_unless_asked_first(served: Served) -> None:
    text = "SELECT channel, MEASURE(cost_per_mql) AS c FROM metrics GROUP BY channel ORDER BY c DESC"
    values = [row["c"] for row in served.rows(text)]
    given = [value for value in values if value is not None]
    assert given == sorted(given, reverse=True)
    assert values == [*given, *[None] * (len(values) - len(given))]
    assert served.rows(text + " NULLS FIRST")[0]["c"] is None


def test_arrow_has_the_types_that_the_table_promises(served: Served) -> None:
    measures = "MEASURE(mqls), MEASURE(marketing_spend)"
    sql = f"SELECT DATE_TRUNC('month', metric_time) t, channel, {measures} FROM metrics GROUP BY 1, 2"
    response = served.post("/v1/sql", {"sql": sql})
    assert response.headers["content-type"] == "application/vnd.apache.arrow.stream"
    schema = pa.ipc.open_stream(response.content).read_all().schema
    assert schema.names == ["t", "channel", "mqls", "marketing_spend"]
    assert pa.types.is_timestamp(schema.field("t").type)
    assert pa.types.is_integer(schema.field("mqls").type)
    assert pa.types.is_decimal(schema.field("marketing_spend").type)


def test_the_table_is_described_to_who_may_see_it(served: Served) -> None:
    table = served.get("/v1/tables").json()["metrics"]
    assert table["columns"]["metric_time"] == "TIMESTAMP"
    assert table["columns"]["channel"] == "VARCHAR"
    mqls = table["metrics"]["mqls"]
    assert mqls["expression"] == "MEASURE(mqls)"
    assert mqls["certified_by"] is None, "assumed until its owner confirms it"
    assert "assumed" in mqls["details"]
    seen = served.get("/v1/tables", SERVICE, X_On_Behalf_Of="bob").json()["metrics"]["metrics"]
    assert "source_freshness_hours" not in seen


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sql": ""},
        {"sql": 5},
        {"sql": "select 1", "format": "xml"},
        {"sql": "select 1", "timeout_s": -1},
        {"sql": "select 1", "timeout_s": "x"},
        {"sql": "select 1", "query_id": 5},
        {"sql": "select 1", "sq": 5},
        {"sql": "select " + "(" * 5000 + "1"},
        {"sql": "select " + "not " * 5000 + "true"},
        {"sql": "select " + "1+" * 20000 + "1"},
        {"sql": "select 'a\0b'"},
        {"sql": "x" * 200_000},
    ],
    ids=lambda body: str(body)[:50],
)
def test_a_body_that_is_no_statement_is_400(served: Served, body: Any) -> None:
    response = served.post("/v1/sql", body)
    assert response.status_code == 400
    assert "Traceback" not in response.text


def test_more_rows_than_the_limit_are_refused_not_cut(served: Served, settings: Any) -> None:
    from dataclasses import replace

    import httpx

    from api import Limits
    from tests.api.conftest import serve

    with serve(replace(settings, limits=Limits(max_rows=3, max_inner_rows=5))) as address:

        def ask(sql: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {KEY}"}
            return httpx.post(
                f"{address}/v1/sql", json={"sql": sql, "format": "json"}, headers=headers, timeout=30
            )

        assert (
            "LIMIT" in ask("SELECT region, MEASURE(mqls) FROM metrics GROUP BY 1").json()["error"]["message"]
        )
        assert len(ask("SELECT region, MEASURE(mqls) FROM metrics GROUP BY 1 LIMIT 2").json()["rows"]) == 2
        inner = ask("SELECT channel, region, MEASURE(mqls) FROM metrics GROUP BY 1, 2 LIMIT 1").json()[
            "error"
        ]
        assert "more than 5 groups" in inner["message"]
