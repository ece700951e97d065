"""Salesforce's Bulk API 2.0: query jobs that are created, polled, read as CSV by locator, and deleted."""

import csv
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.reply import json_reply
from infra.sandbox.vendors.salesforce_records import Record

Selection = tuple[list[Record], tuple[str, ...], str]
POLLS = 2  # how often a job says that it is at work


@dataclass(slots=True)
class Job:
    """A query job and its result, fixed when it was created."""

    id: str
    operation: str
    selection: Selection
    polls: int = 0
    state: str = "UploadComplete"


class BulkJobs:
    """The jobs of the org; `select(soql, with_deleted)` gives records, fields and object, or a refusal."""

    def __init__(self, select: Callable[[str, bool], Selection | Response]) -> None:
        self._select = select
        self.jobs: dict[str, Job] = {}

    def routes(self) -> list[Route]:
        """The addresses below `/services/data/vNN.N`."""
        jobs = "/services/data/{version}/jobs/query"
        return [
            Route(jobs, self.create, methods=["POST"]),
            Route(f"{jobs}/{{job}}", self.state, methods=["GET"]),
            Route(f"{jobs}/{{job}}", self.abort, methods=["PATCH"]),
            Route(f"{jobs}/{{job}}", self.delete, methods=["DELETE"]),
            Route(f"{jobs}/{{job}}/results", self.results, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """POST a job."""
        asked = await request.json()
        selected = self._select(asked["query"], asked["operation"] == "queryAll")
        if isinstance(selected, Response):
            return selected
        job = Job(f"750{secrets.token_hex(6)}", asked["operation"], selected)
        self.jobs[job.id] = job
        return json_reply(_told(job))

    async def state(self, request: Request) -> Response:
        """GET a job: at work for a few polls, then complete."""
        job = self.jobs.get(request.path_params["job"])
        if job is None:
            return _unknown()
        job.polls += 1
        if job.state in ("UploadComplete", "InProgress"):
            job.state = "InProgress" if job.polls < POLLS else "JobComplete"
        return json_reply(_told(job))

    async def abort(self, request: Request) -> Response:
        """PATCH {"state": "Aborted"}."""
        job = self.jobs.get(request.path_params["job"])
        if job is None:
            return _unknown()
        job.state = (await request.json())["state"]
        return json_reply(_told(job))

    async def delete(self, request: Request) -> Response:
        """DELETE a job that has ended."""
        return Response(status_code=204) if self.jobs.pop(request.path_params["job"], None) else _unknown()

    async def results(self, request: Request) -> Response:
        """GET rows as CSV: `maxRecords` of them from `locator` on; the next locator is a header."""
        job = self.jobs.get(request.path_params["job"])
        if job is None or job.state != "JobComplete":
            return _unknown()
        records, fields, _ = job.selection
        start = int(request.query_params.get("locator", "0"))
        page = records[start : start + int(request.query_params.get("maxRecords", "50000"))]
        end = start + len(page)
        headers = {
            "Sforce-NumberOfRecords": str(len(page)),
            "Sforce-Locator": str(end) if end < len(records) else "null",
        }
        return Response(_csv(page, fields), headers=headers, media_type="text/csv")


def _csv(records: list[Record], fields: tuple[str, ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([_cell(record[field]) for field in fields] for record in records)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _told(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.selection[2],
        "state": job.state,
        "contentType": "CSV",
        "numberRecordsProcessed": len(job.selection[0]) if job.state == "JobComplete" else 0,
    }


def _unknown() -> Response:
    return json_reply([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404)
