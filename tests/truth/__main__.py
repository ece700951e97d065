"""Build a simulated company and compare every metric with the truth: `make truth SEED=3 LEADS=600 CASES=0`.

Prints the cells that are off and exits 1 where there are any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from infra.home import Home
from infra.sandbox.generate import generate
from tests.truth.every import asker, every
from tests.truth.home import build, built_on


def main() -> int:
    """Build, compare, tell."""
    parser = argparse.ArgumentParser(prog="make truth", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leads", type=int, default=600)
    parser.add_argument("--no-cases", action="store_true", help="a company without the forty cases")
    parser.add_argument("--home", type=Path, help="a home that is built already, of the same company")
    given = parser.parse_args()
    company = generate(seed=given.seed, leads=given.leads, cases=not given.no_cases)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(given.home) if given.home else build(company, Path(folder))
        told = every(asker(home), company, built_on(home))
    print(f"seed {given.seed}, {given.leads} leads: {told.cells:,} cells, {len(told.off)} off")
    print("\n".join(told.off))
    return 1 if told.off else 0


if __name__ == "__main__":
    sys.exit(main())
