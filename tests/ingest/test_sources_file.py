"""The sources file: what is on, and everything that is wrong with it at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from ingest.errors import IngestError, SourcesFileError
from ingest.sources_file import read_sources


def written(folder: Path, text: str) -> Path:
    file = folder / "sources.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_bare_on_is_a_word_not_a_truth_value(tmp_path: Path) -> None:
    file = written(
        tmp_path, "sources:\n  hubspot:\n    on: false\n  salesforce:\n    on: true\n  files: {}\n"
    )
    on = {source.name for source in read_sources(file) if source.is_on}
    assert on == {"salesforce", "files"}


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, "sources:\n  hubspt: {}\n  salesforce: [1]\n  files: {on: maybe}\n")
    with pytest.raises(SourcesFileError) as failed:
        read_sources(file)
    assert len(failed.value.problems) == 3
    assert "did you mean 'hubspot'?" in failed.value.problems[0]
    assert "sources.files.on" in failed.value.problems[2]


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SourcesFileError, match=r"sources.yml:[23]: not YAML"):
        read_sources(written(tmp_path, "sources:\n  hubspot: {on: true\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourcesFileError, match=r"nowhere\.yml: there is no such sources file"):
        read_sources(tmp_path / "nowhere.yml")


def test_a_secret_that_is_not_set_is_named_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    file = written(tmp_path, "sources:\n  hubspot: {token_env: NO_SUCH_TOKEN}\n")
    hubspot = next(source for source in read_sources(file) if source.name == "hubspot")
    with pytest.raises(IngestError, match="hubspot: the environment variable 'NO_SUCH_TOKEN'"):
        hubspot.secret("token")


def test_how_fresh_a_source_has_to_be(tmp_path: Path) -> None:
    hubspot = "{expected_every: 90 minutes, newest_within: 2d}"
    text = f"sources:\n  hubspot: {hubspot}\n  ga4: {{expected_every: 6}}\n  files: {{}}\n"
    sources = {one.name: one for one in read_sources(written(tmp_path, text), timedelta(hours=30))}
    assert (sources["hubspot"].expected_every, sources["hubspot"].newest_within) == (
        timedelta(minutes=90),
        timedelta(days=2),
    )
    assert (sources["ga4"].expected_every, sources["files"].expected_every) == (
        timedelta(hours=6),
        timedelta(hours=30),
    )
    assert "expected_every" not in sources["hubspot"].options
    wrong = (
        "sources:\n  hubspot: {expected_every: 2 months, newest_within: 0}\n  ga4: {expected_every: true}\n"
    )
    with pytest.raises(SourcesFileError) as failed:
        read_sources(written(tmp_path, wrong))
    assert len(failed.value.problems) == 3
    assert "sources.hubspot.expected_every: expected a length of time such as 6h" in failed.value.problems[0]
