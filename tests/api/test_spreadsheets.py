"""Files and figures for spreadsheets: CSV and XLSX are compared cell by cell with /v1/query."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from api.formats.csv import safe_text, write_csv
from api.formats.xlsx import write_xlsx
from semantic.answer import Answer, Column
from semantic.definitions import Glossary
from tests.api.conftest import FEED, KEY, NOW, Served

SAVED = (
    "funnel_by_month",
    "channel_performance",
    "executive_summary",
    "channel_attribution",
    "funnel_cohorts",
)


def asked(served: Served, glossary: Glossary, name: str) -> dict[str, Any]:
    """The saved question, asked over /v1/query."""
    response = served.post("/v1/query", {**glossary.saved[name].document, "limit": 2000})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.parametrize("name", SAVED)
def test_csv_holds_the_cells_of_the_question(served: Served, glossary: Glossary, name: str) -> None:
    expected = asked(served, glossary, name)
    response = served.get(f"/v1/saved/{name}.csv")
    assert response.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert len(read) == len(expected["rows"]) > 0
    for cells, row in zip(read, expected["rows"], strict=True):
        assert cells == {key: "" if value is None else str(value) for key, value in row.items()}


@pytest.mark.parametrize("name", SAVED)
def test_xlsx_holds_the_cells_of_the_question_typed(served: Served, glossary: Glossary, name: str) -> None:
    expected = asked(served, glossary, name)
    response = served.get(f"/v1/saved/{name}.xlsx")
    assert f'filename="{name}.xlsx"' in response.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["Data", "Definitions"]
    rows = list(book["Data"].values)
    assert list(rows[0]) == [column["name"] for column in expected["columns"]]
    assert len(rows) - 1 == len(expected["rows"]) > 0
    for cells, row in zip(rows[1:], expected["rows"], strict=True):
        for cell, column in zip(cells, expected["columns"], strict=True):
            assert same(cell, row[column["name"]], column["type"]), (cell, row, column["name"])


def same(cell: Any, value: Any, kind: str) -> bool:
    """A spreadsheet knows doubles (written with 16 digits), dates, text and emptiness."""
    if value is None:
        return cell is None
    if kind == "date":
        return isinstance(cell, dt.datetime) and cell.date() == dt.date.fromisoformat(value)
    if kind == "timestamp":
        return isinstance(cell, dt.datetime) and cell == dt.datetime.fromisoformat(value)
    if kind in ("integer", "decimal", "float"):
        return isinstance(cell, int | float) and float(cell) == float(f"{float(value):.16G}")
    return bool(cell == value)


def test_the_definitions_sheet_says_what_each_number_is(served: Served, glossary: Glossary) -> None:
    expected = asked(served, glossary, "channel_performance")
    book = openpyxl.load_workbook(io.BytesIO(served.get("/v1/saved/channel_performance.xlsx").content))
    sheet = list(book["Definitions"].values)
    head, facts = sheet[0], {row[0]: row for row in sheet[1:] if row[0]}
    row = dict(zip(head, facts["cost_per_mql"], strict=True))
    metric = glossary.metrics["cost_per_mql"]
    assert row["definition"] == metric.definition
    assert row["owner"] == metric.owner
    assert row["status"] == "assumed"
    assert row["adds up"] == "no"
    assert row["watermark"] == "hubspot: 2026-04-15T05:00:00"
    assert row["SQL"] == expected["sql"].replace("LIMIT 2000", "LIMIT 2001")
    assert facts["version"][1] == "v1"
    assert facts["asked at (UTC)"][1] == "2026-04-15 12:00:00"


def test_number_formats_follow_the_metric(served: Served) -> None:
    book = openpyxl.load_workbook(io.BytesIO(served.get("/v1/saved/funnel_by_month.xlsx").content))
    sheet = book["Data"]
    formats = {sheet.cell(1, c).value: sheet.cell(2, c).number_format for c in range(1, sheet.max_column + 1)}
    assert formats["metric_time"] == "yyyy-mm-dd"
    assert formats["leads"] == "#,##0"
    assert formats["lead_to_mql_rate"] == "0.0%"


HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "https://example.com",
    "a,b",
    'say "hi"',
    "x\ny",
]


def hostile_answer() -> Answer:
    numbers = pa.array([2**60, *range(len(HOSTILE))])
    rates = pa.array([float("nan"), float("inf"), *[0.5] * (len(HOSTILE) - 1)])
    table = pa.table({"campaign": [*HOSTILE, None], "n": numbers, "rate": rates})
    columns = (
        Column("campaign", "text", "dimension"),
        Column("n", "integer", "metric", metric="n"),
        Column("rate", "float", "metric", metric="rate"),
    )
    return Answer(table, columns, table.num_rows, "SELECT 1")


def test_no_cell_becomes_a_formula_or_a_link() -> None:
    """Campaign names come from the outside; a spreadsheet must show them, not run them."""
    answer = hostile_answer()
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(answer, {}, "t", NOW)))
    cells = [row[0] for row in book["Data"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [*HOSTILE, None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    assert book["Data"]["B2"].value == str(2**60), "no double holds it, so it is text, every digit of it"
    assert [book["Data"][place].value for place in ("C2", "C3", "C4")] == [None, None, 0.5]
    read = [row[0] for row in csv.reader(io.StringIO(write_csv(answer).decode(), newline=""))][1:]
    assert read == [safe_text(text) for text in HOSTILE] + [""]
    assert not any(text.startswith(("=", "+", "-", "@", "\t")) for text in read)


def test_a_file_may_be_narrowed_by_period_and_condition_only(served: Served) -> None:
    whole = served.get("/v1/saved/funnel_by_month.json").json()
    narrow = served.get(
        "/v1/saved/funnel_by_month.json?from=2026-01-01&to=2026-02-28&where=region='EMEA'"
    ).json()
    assert len(narrow["rows"]) == 2 < len(whole["rows"])
    for wrong in ("limit=1", "group_by=channel", "metrics=leads", "nonsense=1"):
        assert served.get(f"/v1/saved/funnel_by_month.json?{wrong}").status_code == 400


def test_arrow_and_json_have_the_same_rows(served: Served) -> None:
    document = served.get("/v1/saved/funnel_by_month.json").json()
    table = pa.ipc.open_stream(served.get("/v1/saved/funnel_by_month.arrow").content).read_all()
    assert table.num_rows == len(document["rows"])
    assert table.column_names == [column["name"] for column in document["columns"]]


@pytest.mark.parametrize(
    "path", ["/v1/saved/nope.csv", "/v1/saved/funnel_by_month.exe", "/v1/saved/funnel_by_month"]
)
def test_an_unknown_file_is_404(served: Served, path: str) -> None:
    assert served.get(path).status_code == 404


def test_the_saved_questions_are_listed(served: Served, glossary: Glossary) -> None:
    assert {saved["name"] for saved in served.get("/v1/saved").json()["saved"]} == set(glossary.saved)


def test_one_number_as_text_and_with_its_meaning(served: Served) -> None:
    question = "metric=mqls&where=region='EMEA'&from=2026-01-01&to=2026-03-31"
    expected = served.get("/v1/query?metrics=mqls&where=region='EMEA'&from=2026-01-01&to=2026-03-31").json()[
        "rows"
    ][0]["mqls"]
    text = served.get(f"/v1/value?{question}")
    assert text.text == str(expected)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    document = served.get(f"/v1/value?{question}&format=json").json()
    assert document["value"] == expected
    assert document["owner"]
    assert document["definition"]
    assert document["freshness"]["version"] == "v1"


def test_no_number_is_an_empty_text(served: Served) -> None:
    nothing = "/v1/value?metric=cost_per_mql&from=2001-01-01&to=2001-01-31"
    assert served.get(nothing).text == ""
    assert served.get(nothing + "&format=json").json()["value"] is None


@pytest.mark.parametrize(
    "wrong", ["", "metric=a&metric=b", "metric=mqls&group_by=channel", "metric=mqls&limit=1", "metric=mqlz"]
)
def test_what_is_not_one_number_is_400(served: Served, wrong: str) -> None:
    assert served.get(f"/v1/value?{wrong}").status_code == 400


def test_a_spreadsheet_asks_options_and_head_before_it_gets(served: Served) -> None:
    """LibreOffice's WEBSERVICE() and its CSV links do so, and never send a header."""
    for path in (f"/v1/value?metric=mqls&token={FEED}", f"/v1/saved/funnel_by_month.csv?token={FEED}"):
        assert served.client.options(path).status_code == 204
        head, got = served.client.head(path), served.client.get(path)
        assert (head.status_code, got.status_code) == (200, 200)
        assert head.headers["content-length"] == got.headers["content-length"]
        assert not head.content
        again = served.client.get(path, headers={"If-None-Match": got.headers["etag"]})
        assert again.status_code == 304


def test_a_file_larger_than_the_limit_is_refused_not_cut(served: Served, settings: Any) -> None:
    from dataclasses import replace

    import httpx

    from api import Limits
    from tests.api.conftest import serve

    small = replace(settings, limits=Limits(max_rows=2))
    with serve(small) as address:
        response = httpx.get(
            f"{address}/v1/saved/funnel_by_month.csv", headers={"Authorization": f"Bearer {KEY}"}, timeout=30
        )
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
