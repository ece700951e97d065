"""How long a refresh takes: the first one in a fresh clone, the first with the models parsed before, and the next.

python -m tests.bench.refresh --leads 5000

The sandbox serves the company; each refresh is a process of its own, over a copy of the models that has no `.cache`.
The section is written into docs/benchmarks.md, in place of the one before.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.shared import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
LEADS = 5_000
TITLE = "## Refreshing a company of "
PHASES = ("reading the sources", "building the models", "publishing")
HOST = "127.0.0.1"


def section(leads: int = LEADS) -> list[str]:
    """Refresh three times; the lines of the section."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with _served(leads, folder / "sandbox") as sources:
            models = folder / "project" / "sqlmesh"
            shutil.copytree(ROOT / "sqlmesh", models, ignore=shutil.ignore_patterns(".cache", "__pycache__"))
            told = {
                "the first, in a fresh clone": _child(folder / "one", sources, models),
                "the first, models parsed before": _child(folder / "two", sources, models),
                "the next, on the same data": _child(folder / "two", sources, models),
            }
    lines = [
        f"{TITLE}{leads:,} leads",
        "",
        "Eight sources over HTTP from the sandbox, every model and audit, and the publication, as `touchstone refresh`",
        "does it; the sandbox is another process. Processor seconds are the refresh's and its children's, MB the most",
        "that it held and the most that its largest child held. Load is the load average when it began, on",
        f"{os.cpu_count()} cores: above 1 other work was beside it, and processor seconds say more than seconds.",
        "",
        "| refresh | seconds | processor seconds | sources | models | publishing | models built | most MB | load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for title, one in told.items():
        phases = " | ".join(f"{one[phase]:.1f}" for phase in PHASES)
        cells = (
            f"{one['seconds']:.0f} | {one['cpu']:.0f} | {phases} | {one['built']} | {one['megabytes']:.0f}"
        )
        lines.append(f"| {title} | {cells} | {one['load']:.1f} |")
    return [*lines, ""]


@contextmanager
def _served(leads: int, out: Path) -> Iterator[Path]:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "infra.cli", "sandbox", "--port", str(port), "--leads", str(leads)]
    with subprocess.Popen([*command, "--out", str(out), "--without-truth"], cwd=ROOT) as server:
        try:
            _wait(port)
            yield out / "sources.yml"
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(1500):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the sandbox did not come up")


def _child(home: Path, sources: Path, models: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.refresh", "--child", str(home), str(sources), str(models)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the refresh failed:\n{done.stderr}")
    phases = {
        name: float(took) for name, took in re.findall(r"^ *(.+?) done in ([\d.]+) s", done.stderr, re.M)
    }
    told = json.loads(done.stdout.splitlines()[-1]) | phases
    print(f"refreshed: {told}", file=sys.stderr, flush=True)
    return told


def _refresh(home: Path, sources: Path, models: Path) -> None:
    from infra.demo import sandbox_secrets
    from infra.home import Home
    from infra.refresh import Plan, refresh

    os.environ |= sandbox_secrets(sources)
    load, begun = os.getloadavg()[0], time.monotonic()
    done = refresh(Plan(home=Home(home), sources=sources, models=models))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told = {
        "seconds": time.monotonic() - begun,
        "cpu": sum(one.ru_utime + one.ru_stime for one in used),
        "megabytes": sum(one.ru_maxrss for one in used) / 1024,
        "built": done.models,
        "load": load,
    }
    print(json.dumps(told))


def written(page: Path, lines: Sequence[str]) -> str:
    """The page with these lines in place of the section before, or at its end."""
    text = page.read_text(encoding="utf-8")
    before = re.search(rf"^{re.escape(TITLE)}.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    new = "\n".join(lines) + "\n"
    return text[: before.start()] + new + text[before.end() :] if before else f"{text.rstrip()}\n\n{new}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or be the process that refreshes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.refresh", description=__doc__)
    parser.add_argument("--leads", type=int, default=LEADS)
    parser.add_argument("--child", type=Path, nargs=3, metavar=("HOME", "SOURCES", "MODELS"))
    options = parser.parse_args(arguments)
    if options.child:
        _refresh(*options.child)
    else:
        PAGE.write_text(written(PAGE, section(options.leads)).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
