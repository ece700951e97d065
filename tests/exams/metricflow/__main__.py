"""The command line of the exam: prints each miss and, last, `N of M`; exits 1 on any miss."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.exams.metricflow.cases import read_cases
from tests.exams.metricflow.run import run
from tests.shared import shared_path


def main(arguments: list[str] | None = None) -> int:
    """Run the questions of a file against the tables and manifests of a folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.exams.metricflow", description=__doc__)
    parser.add_argument("--exam", type=Path, help="folder with tables/, tables.json and manifests/")
    parser.add_argument("--cases", type=Path, help="questions, .json or .json.gz")
    parser.add_argument("--only", default="", help="ask only questions whose id contains this")
    options = parser.parse_args(arguments)
    folder = options.exam or shared_path("exams", "metricflow")
    cases = [
        case for case in read_cases(options.cases or folder / "cases.json.gz") if options.only in case.id
    ]
    right = 0
    for result in run(folder, cases):
        right += result.fault is None
        if result.fault:
            print(f"{result.case.id}: {result.fault}")
    print(f"{right} of {len(cases)}")
    return 0 if right == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
