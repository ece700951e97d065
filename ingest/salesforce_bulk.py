"""Salesforce's Bulk API 2.0: a query as a job, its result in pages of CSV.

    create -> poll until JobComplete -> results by locator -> delete

A job that the vendor fails or aborts is reported; a walk that is broken off aborts its job.
"""

import csv
import io
import time
from collections.abc import Iterator
from contextlib import suppress

import requests

from ingest.errors import IngestError
from ingest.http import VendorSession
from ingest.paging import Walk
from ingest.rows import Row

PAGE = 50_000  # rows in one answer
FIRST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 30.0
LONGEST_JOB_SECONDS = 4 * 3600.0
# What Salesforce says of objects that the Bulk API does not know.
UNSUPPORTED = "not supported by the Bulk API"


class BulkQueries:
    """Query jobs of one org; `address` is the instance's `/services/data/vNN.N`."""

    def __init__(self, session: VendorSession, address: str, page: int | None = None) -> None:
        self._session = session
        self._jobs = f"{address}/jobs/query"
        self._page = page or PAGE

    def records(self, query: str) -> Iterator[list[Row]]:
        """Pages of the records of `query`, deleted ones too: text by field, a parent's as `Owner.Name`.

        Raises IngestError when the job fails, is aborted, or is not ready within LONGEST_JOB_SECONDS.
        """
        created = self._session.post_json(
            self._jobs, {"operation": "queryAll", "query": query, "contentType": "CSV"}
        )
        job, is_done = str(created["id"]), False
        try:
            self._await(job)
            yield from self._results(job)
            is_done = True
        finally:
            self._put_away(job, is_done)

    def _await(self, job: str) -> None:
        waited, wait = 0.0, FIRST_POLL_SECONDS
        while True:
            told = self._session.get_json(f"{self._jobs}/{job}")
            if told["state"] == "JobComplete":
                return
            if told["state"] in ("Failed", "Aborted"):
                why = told.get("errorMessage") or "no reason given"
                raise IngestError(
                    self._session.source, f"the query job {job} was {told['state'].lower()}: {why}"
                )
            if waited >= LONGEST_JOB_SECONDS:
                raise IngestError(self._session.source, f"the query job {job} was not ready in time")
            time.sleep(wait)
            waited, wait = waited + wait, min(wait * 2, LONGEST_POLL_SECONDS)

    def _results(self, job: str) -> Iterator[list[Row]]:
        locator, walk = "", Walk(self._session.source, f"the results of the query job {job}")
        while walk.on(locator) != "null":
            asked = {"maxRecords": str(self._page)} | ({"locator": locator} if locator else {})
            response = self._session.get(
                f"{self._jobs}/{job}/results", params=asked, headers={"Accept": "text/csv"}
            )
            yield list(csv.DictReader(io.StringIO(response.content.decode("utf-8"), newline="")))
            locator = response.headers.get("Sforce-Locator", "null")

    def _put_away(self, job: str, is_done: bool) -> None:
        """Delete a job that was read, abort one that was not. Salesforce does it itself after a week."""
        with suppress(IngestError):
            if is_done:
                self._session.delete(f"{self._jobs}/{job}")
            else:
                self._session.patch(f"{self._jobs}/{job}", json={"state": "Aborted"})


def is_whole(response: requests.Response) -> bool:
    """Whether a page of results holds as many rows as it says, all of them to their last column."""
    said = response.headers.get("Sforce-NumberOfRecords")
    if said is None:
        return True
    text = response.content.decode("utf-8", "replace")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return text.endswith("\n") and len(rows) == int(said) + 1 and len({len(row) for row in rows}) == 1
