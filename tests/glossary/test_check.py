"""A broken glossary: every problem at once, at its line, with the rule it breaks and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantic.errors import GlossaryError, Problem
from semantic.loader import load_glossary

MODEL = """\
name: person
relation: core.person
entities:
  - {name: person, type: primary, expr: person_id}
default_time_dimension: created_at
dimensions:
  - {name: created_at, type: time, grain: second}
  - {name: channel}
  - {name: is_deleted}
shared:
  region: account__region
measures:
  - {name: leads, agg: count, time: created}
  - {name: mqls, agg: count, filter: not is_deletd}
"""
RATIO = """\
name: rate
type: ratio
numerator: mqlz
denominator: leads
formt: percent
better: bigger
"""
FILES = {
    "dimensions.yml": "dimensions:\n  - {name: channel}\n  - {name: region}\n",
    "models/person.yml": MODEL,
    "metrics/leads.yml": "name: leads\ntype: simple\nmodel: persn\nmeasure: leads\n",
    "metrics/mqls.yml": "name: mqls\ntype: simple\nmodel: person\nmeasure: mqls\nfilter: chanel = 'x'\n",
    "metrics/other.yml": "name: misnamed\ntype: simple\nmodel: person\nmeasure: leeds\n",
    "metrics/rate.yml": RATIO,
    "metrics/syntax.yml": "name: [unclosed\n",
    "metrics/twice.yml": "name: twice\nlabel: a\nlabel: b\ntype: simple\nmodel: person\nmeasure: leads\n",
    "saved/pack.yml": "name: pack\nquery:\n  metrics: [leads]\n  group_by: [chanel]\n",
    "access/roles.yml": "roles:\n  - name: emea\n    metrics: [leeds]\n    row_filters: [\"regon = 'EMEA'\"]\n",
    "rollups/day.yml": "name: day\nmodel: person\nrelation: m.day\nmeasures:\n  leeds: leads\n",
}
EXPECTED = [
    "access/roles.yml:3 metrics Did you mean 'leads'?",
    "access/roles.yml:4 row_filters Did you mean 'region'?",
    "metrics/leads.yml:3 unknown-model Did you mean 'person'?",
    "metrics/mqls.yml:5 filter Did you mean 'channel'?",
    "metrics/other.yml:1 file-name Rename the file misnamed.yml.",
    "metrics/other.yml:4 measure Did you mean 'leads'?",
    "metrics/rate.yml:3 unknown-metric Did you mean 'mqls'?",
    "metrics/rate.yml:5 unknown-key Did you mean 'format'?",
    "metrics/rate.yml:6 value Did you mean 'higher'?",
    "metrics/syntax.yml:2 yaml",
    "metrics/twice.yml:3 duplicate-key",
    "models/person.yml:11 shared",
    "models/person.yml:13 time-dimension Did you mean 'created_at'?",
    "models/person.yml:14 filter Did you mean 'is_deleted'?",
    "rollups/day.yml:5 rollup Did you mean 'leads'?",
    "saved/pack.yml:4 unknown-dimension Did you mean 'channel'?",
]


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> tuple[Problem, ...]:
    root: Path = tmp_path_factory.mktemp("broken")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    with pytest.raises(GlossaryError) as caught:
        load_glossary(root)
    return caught.value.problems


def test_every_problem_is_reported_at_its_line(problems: tuple[Problem, ...]) -> None:
    assert [f"{p.file}:{p.line} {p.rule} {p.remedy}".strip() for p in problems] == EXPECTED


def test_every_problem_names_what_is_wrong(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        assert "'" in problem.message or problem.rule == "yaml", problem
