"""The soak: how fast, and in how much memory, a company's pages become rows.

python -m tests.bench.soak --leads 1000000

One process serves HubSpot's pages, a second one loads them with `ingest.run`, and a third one only asks for
the same pages and parses them. The section is written into docs/benchmarks.md, in place of the one before.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.shared import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
LEADS = 20_000  # in `make bench`; the million is run by hand
MOST_MEGABYTES = 1024
TITLE = "## Loading HubSpot's pages of "
HOST = "127.0.0.1"
HISTORIES = {"contacts": "lifecyclestage", "deals": "dealstage"}
ASSOCIATED = {"contacts": ("companies",), "deals": ("companies", "contacts")}


def section(leads: int) -> list[str]:
    """Run the soak with `leads` leads; the lines of its section."""
    with tempfile.TemporaryDirectory() as folder, _served(leads) as address:
        load = _child("load", address, folder)
        print(f"loaded: {load}", file=sys.stderr, flush=True)  # the bare loop is still to come
        bare = _child("bare", address, folder)
    if load["megabytes"] > MOST_MEGABYTES:
        raise SystemExit(f"the load took {load['megabytes']:.0f} MB, more than {MOST_MEGABYTES}")
    lines = [f"{TITLE}{leads:,} leads", ""]
    lines += [
        "Contacts with their stage history, companies, deals and associations, over HTTP from the sandbox.",
        f"{load['requests']:,} requests, {load['rows']:,} rows in {load['tables']} tables. The bare loop asks",
        "for the same pages and parses their JSON, nothing else. Memory is the most that the loading process",
        f"ever held (the sandbox is another process). Load average when it began: {load['load']:.1f} on",
        f"{os.cpu_count()} cores, other work beside it; processor seconds say more than seconds.",
        "",
        "| | seconds | processor seconds | leads a second | most MB |",
        "|---|---|---|---|---|",
    ]
    for title, told in (("bare loop", bare), ("load into DuckDB", load)):
        rate = leads / told["seconds"]
        lines.append(
            f"| {title} | {told['seconds']:.0f} | {told['cpu']:.0f} | {rate:,.0f} | {told['megabytes']:.0f} |"
        )
    return [*lines, ""]


def kept(page: Path, leads: int) -> list[str]:
    """The sections of soaks of other sizes that stand in `page`: they are not run each time."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    found = re.findall(rf"^{re.escape(TITLE)}[\d,]+ leads\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return [
        line
        for one in found
        if not one.startswith(f"{TITLE}{leads:,} leads\n")
        for line in [*one.strip().splitlines(), ""]
    ]


@contextmanager
def _served(leads: int) -> Iterator[str]:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.bench.soak", "--serve", str(port), "--leads", str(leads)]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            _wait(port)
            yield f"http://{HOST}:{port}"
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the sandbox did not come up")


def _child(what: str, address: str, folder: str) -> dict[str, Any]:
    """Run `what` in a process of its own, whose memory is its own."""
    command = [sys.executable, "-m", "tests.bench.soak", f"--{what}", address, "--folder", folder]
    environment = os.environ | {"HUBSPOT_TOKEN": "soak"}
    answer = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


def _measured(begun: float, **more: Any) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "seconds": time.monotonic() - begun,
        "cpu": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
    }
    print(json.dumps(told | more))


def _load(address: str, folder: Path) -> None:
    import ingest

    begun, load = time.monotonic(), os.getloadavg()[0]
    sources = folder / "sources.yml"
    hubspot = {"on": True, "base_url": f"{address}/hubspot", "token_env": "HUBSPOT_TOKEN"}
    sources.write_text(yaml.safe_dump({"sources": {"hubspot": hubspot}}), encoding="utf-8")
    report = ingest.run(sources, folder / "warehouse.duckdb", folder / "state")
    tables = sum(one.rows > 0 for one in report.objects)
    _measured(begun, rows=report.rows, tables=tables, requests=report.requests, load=load)


def _bare(address: str) -> None:
    import orjson
    import requests

    from ingest.contract import promised

    begun, session = time.monotonic(), requests.Session()
    for kind in ("contacts", "companies", "deals"):
        asked: dict[str, Any] = {
            "limit": 50 if kind in HISTORIES else 100,
            "properties": ",".join(column.name for column in promised(f"hubspot__{kind}").columns),
            "propertiesWithHistory": HISTORIES.get(kind, ""),
        }
        after: str | None = "0"
        while after is not None:
            url = f"{address}/hubspot/crm/v3/objects/{kind}"
            page = orjson.loads(session.get(url, params=asked | {"after": after}).content)
            inputs = {"inputs": [{"id": one["id"]} for one in page["results"]]}
            for other in ASSOCIATED.get(kind, ()):
                url = f"{address}/hubspot/crm/v4/associations/{kind}/{other}/batch/read"
                orjson.loads(session.post(url, data=orjson.dumps(inputs)).content)
            after = page.get("paging", {}).get("next", {}).get("after")
    _measured(begun)


def _serve(port: int, leads: int) -> None:
    import uvicorn

    from infra.sandbox.streamed import BLOCK, StreamedHubSpot, draw

    app = StreamedHubSpot(draw(min(leads, BLOCK)), leads).app()
    uvicorn.run(app, host=HOST, port=port, log_level="warning", access_log=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the soak, or one of its processes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--leads", type=int, default=LEADS)
    parser.add_argument("--to", type=Path, default=PAGE)
    parser.add_argument("--folder", type=Path)
    for part in ("--serve", "--load", "--bare"):
        parser.add_argument(part, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        _serve(int(options.serve), options.leads)
    elif options.load:
        _load(options.load, options.folder)
    elif options.bare:
        _bare(options.bare)
    else:
        lines = section(options.leads)
        print("\n".join(lines))
        write(options.to, lines)


def write(page: Path, lines: list[str]) -> None:
    """Put the section into the page, in place of the one of the same size."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    before = re.sub(rf"^{re.escape(lines[0])}\n.*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
    page.write_text(before.rstrip() + "\n\n" + "\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
