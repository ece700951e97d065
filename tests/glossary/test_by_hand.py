"""Questions whose answers were counted by hand on the fixture."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.glossary.conftest import Asker, same

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "by_hand.yml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case["query"]["metrics"]))
def test_the_answer_is_the_one_counted_by_hand(ask_core: Asker, case: dict[str, Any]) -> None:
    table = ask_core(case["query"]).table
    given = [[_plain(row[name]) for name in case["columns"]] for row in table.to_pylist()]
    dimensions = len(case["columns"]) - len(case["query"]["metrics"])
    wanted = sorted(case["rows"], key=lambda row: repr(row[:dimensions]))
    given = sorted(given, key=lambda row: repr(row[:dimensions]))
    message = f"{case['why']}\ngiven  {given}\nwanted {wanted}"
    assert len(given) == len(wanted), message
    for row, want in zip(given, wanted, strict=True):
        assert all(map(same, row, want)), message


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) else value
