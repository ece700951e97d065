"""The doors, each as a function that asks one question of the running service and gives back its rows."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import openpyxl

from tests.doors.cells import Rows, rows_of, rows_of_documents
from tests.doors.companies import Company
from tests.doors.questions import Question
from tests.shared import ROOT

GRAPHQL = "query($input: QuestionInput!) { metricQuery(input: $input) { rows } }"


@dataclass(frozen=True)
class Service:
    """Running doors over one company; `client` carries the key."""

    address: str
    client: httpx.Client
    company: Company
    glossary: str


def command_line(service: Service, question: Question) -> Rows:
    """`touchstone query ... --format json` in a process of its own."""
    arguments = [argument.format(**service.company.words) for argument in question.command]
    told = subprocess.run(
        [sys.executable, "-m", "infra.cli", "query", *arguments, "--format", "json"],
        env={
            **os.environ,
            "TOUCHSTONE_HOME": str(service.company.home.root),
            "TOUCHSTONE_GLOSSARY": service.glossary,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return rows_of_documents(question, json.loads(told.stdout)["rows"])


def rest(service: Service, question: Question) -> Rows:
    """POST /v1/query."""
    answer = service.client.post("/v1/query", json=document_of(service, question))
    assert answer.status_code == 200, answer.text
    return rows_of_documents(question, answer.json()["rows"])


def graphql(service: Service, question: Question) -> Rows:
    """POST /graphql, field metricQuery."""
    words = {"group_by": "groupBy", "time_range": "timeRange"}
    asked = {words.get(key, key): value for key, value in document_of(service, question).items()}
    answer = service.client.post("/graphql", json={"query": GRAPHQL, "variables": {"input": asked}}).json()
    assert "errors" not in answer, answer
    return rows_of_documents(question, answer["data"]["metricQuery"]["rows"])


def saved_csv(service: Service, question: Question) -> Rows:
    """GET /v1/saved/{name}.csv."""
    answer = service.client.get(f"/v1/saved/{service.company.name}_{question.name}.csv")
    assert answer.status_code == 200, answer.text
    return rows_of_documents(question, csv.DictReader(io.StringIO(answer.text)))


def saved_xlsx(service: Service, question: Question) -> Rows:
    """GET /v1/saved/{name}.xlsx, the sheet of numbers."""
    answer = service.client.get(f"/v1/saved/{service.company.name}_{question.name}.xlsx")
    assert answer.status_code == 200, answer.text
    head, *rows = openpyxl.load_workbook(io.BytesIO(answer.content), data_only=True)["Data"].values
    assert head == question.columns
    return rows_of(question, rows)


def sql(service: Service, question: Question) -> Rows:
    """POST /v1/sql: `SELECT ... MEASURE(...)`."""
    statement = question.sql.format(**service.company.words)
    answer = service.client.post("/v1/sql", json={"sql": statement, "format": "json"})
    assert answer.status_code == 200, answer.text
    return rows_of_documents(question, answer.json()["rows"])


def document_of(service: Service, question: Question) -> dict[str, Any]:
    """The question as a document, with the company's quarter in it."""
    filled: dict[str, Any] = {}
    for key, value in question.document.items():
        if isinstance(value, dict):
            filled[key] = {name: text.format(**service.company.words) for name, text in value.items()}
        else:
            filled[key] = value
    return filled


DOORS: dict[str, Callable[[Service, Question], Rows]] = {
    "command line": command_line,
    "REST": rest,
    "GraphQL": graphql,
    "CSV": saved_csv,
    "XLSX": saved_xlsx,
    "SQL": sql,
}
