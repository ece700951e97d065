"""Break each of the compiler's rules in turn, in a copy, and see whether the suite notices.

    python -m tests.mutations [--only NAME]

Exits 1 if a mutant survives. A mutation whose text is no longer found is an error of this file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.shared import ROOT

SUITE = ("tests/oracle", "tests/semantic", "tests/exams/test_metricflow.py")


@dataclass(frozen=True)
class Mutation:
    """`old` becomes `new` in `file`: which rule that breaks is its name."""

    name: str
    file: str
    old: str
    new: str


MUTATIONS = (
    Mutation(
        "facts without a partner are dropped",
        "semantic/compile/scan.py",
        'def joins(',
        'def joins(',
    ),
)


def survives(mutation: Mutation, folder: Path) -> bool:
    """Whether the suite passes with the rule broken."""
    file = folder / mutation.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutation.old) < 1:
        raise SystemExit(f"{mutation.name!r}: {mutation.old!r} is no longer in {mutation.file}")
    file.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *SUITE]
        environment = os.environ | {"PYTHONPATH": str(folder), "TOUCHSTONE_FUZZ": "0.3"}
        found = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        return found.returncode == 0
    finally:
        file.write_text(text, encoding="utf-8")


def copied(to: Path) -> Path:
    """The project's code and tests in a folder of their own, beside the shared data."""
    for name in ("semantic", "tests", "pyproject.toml", "infra", "api", "ingest"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)
    return to


def main() -> int:
    """Try every mutation; print what happened to each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    alive = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = copied(Path(temporary))
        for mutation in (each for each in MUTATIONS if options.only in each.name):
            lives = survives(mutation, folder)
            alive += lives
            print(f"{'SURVIVED' if lives else 'noticed '}  {mutation.name}", flush=True)
    print(f"{alive} of {len(MUTATIONS)} survived")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
