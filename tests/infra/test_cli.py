"""The command line: exit codes, what a mistake is told, and keys."""

from __future__ import annotations

import json
import re

import pytest
from typer.main import get_command

from infra import cli
from infra.commands.compile import Dialect
from infra.credentials import Watched, keys_file, load


def commands(command, path=()):
    """Every command of the tree as the words that lead to it."""
    children = getattr(command, "commands", {})
    yield path
    for name, child in children.items():
        yield from commands(child, (*path, name))


@pytest.mark.parametrize("path", commands(get_command(cli.app)), ids=" ".join)
def test_every_command_explains_itself(touchstone, path):
    code, out, _ = touchstone(*path, "--help")
    assert code == 0
    assert "Usage" in out


def test_an_unknown_metric_is_named_with_the_nearest(touchstone):
    code, _, err = touchstone("query", "mqlz")
    assert code == 2
    assert "'mqlz'" in err
    assert "'mqls'" in err


def test_an_unknown_dimension_is_named_with_the_nearest(touchstone):
    code, _, err = touchstone("compile", "mqls", "--by", "chanel")
    assert code == 2
    assert "'chanel'" in err
    assert "'channel'" in err


def test_an_unknown_option_or_command_is_a_mistake(touchstone):
    assert touchstone("query", "mqls", "--bye", "channel")[0] == 2
    assert touchstone("quary")[0] == 2


def test_a_question_before_anything_is_published_is_a_failure_that_says_what_to_do(touchstone):
    code, _, err = touchstone("query", "mqls")
    assert code == 1
    assert "touchstone refresh" in err
    assert "Traceback" not in err


def test_health_before_anything_is_published(touchstone):
    code, out, _ = touchstone("health", "--format", "json")
    assert code == 1
    assert json.loads(out)[0]["status"] == "fail"


def test_a_refresh_without_sources_says_how_to_name_them(touchstone):
    code, _, err = touchstone("refresh", "--sources", "nowhere.yml")
    assert code == 2
    assert "'nowhere.yml'" in err
    assert "TOUCHSTONE_SOURCES" in err


def test_a_broken_glossary_shows_every_problem_with_file_and_line(touchstone, tmp_path):
    folder = tmp_path / "glossary" / "metrics"
    folder.mkdir(parents=True)
    (folder / "mqls.yml").write_text("name: mqls\ntype: simple\nmodel: people\nmeasure: mqls\n")
    (folder / "rate.yml").write_text("name: rate\ntype: ratio\nnumerator: mqlz\ndenominator: mqls\n")
    (folder / "odd.yml").write_text("name: odd\ntype: simpel\n")
    code, _, err = touchstone("check", str(tmp_path / "glossary"))
    assert code == 2
    for file in ("mqls.yml", "rate.yml", "odd.yml"):
        assert re.search(rf"{file}:\d+: \[", err), err
    code, out, _ = touchstone("check", str(tmp_path / "glossary"), "--format", "json")
    assert code == 2
    assert len(json.loads(out)) >= 3


def test_the_glossary_of_the_project_has_no_problems(touchstone):
    code, out, err = touchstone("check")
    assert (code, err) == (0, "")
    assert "no problems" in out


def test_the_sql_comes_with_its_parameters_and_its_story(touchstone):
    arguments = ("compile", "mqls", "--by", "channel", "--where", "region = 'EMEA'", "--explain")
    code, out, _ = touchstone(*arguments)
    assert code == 0
    assert "mqls is the count" in out
    assert "SELECT" in out
    for dialect in Dialect:
        code, out, _ = touchstone(*arguments, "--format", "json", "--dialect", dialect)
        assert code == 0
        assert set(json.loads(out)) == {"sql", "parameters", "explain"}


def test_a_key_is_shown_once_and_kept_as_a_hash(touchstone, tmp_path):
    home = tmp_path / "home"
    watched = Watched(keys_file(home))
    assert watched().keys == ()
    code, out, _ = touchstone("key", "create", "finance", "--role", "finance")
    secret = out.strip()
    assert code == 0
    assert secret.startswith("ts_")
    text = keys_file(home).read_text()
    assert secret not in text
    assert keys_file(home).stat().st_mode & 0o077 == 0
    [key] = watched().keys
    assert (key.owner.name, key.owner.roles, key.owner.see_all) == ("finance", ("finance",), False)

    assert touchstone("key", "create", "finance")[0] == 2
    assert touchstone("key", "feed", "board", "--saved", "funnel*")[1].startswith("tsf_")
    assert load(keys_file(home)).feeds[0].saved == ("funnel*",)
    code, out, _ = touchstone("key", "list", "--format", "csv")
    assert out.splitlines() == ["kind,name,roles", "key,finance,finance", "feed,board,"]

    assert touchstone("key", "remove", "finance")[0] == 0
    assert watched().keys == ()
    code, _, err = touchstone("key", "remove", "finance")
    assert code == 2
    assert "no 'finance'" in err


def test_a_broken_keys_file_is_a_mistake(touchstone, tmp_path):
    keys_file(tmp_path / "home").parent.mkdir()
    keys_file(tmp_path / "home").write_text("{")
    code, _, err = touchstone("key", "list")
    assert code == 2
    assert "keys.json is not a valid keys file" in err
