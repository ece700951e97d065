"""One result, three shapes on the terminal."""

import json

from infra.rows import Format, render

COLUMNS = ("channel", "mqls")
ROWS = ({"channel": "paid, social", "mqls": 3}, {"channel": None, "mqls": None})


def test_json_keeps_null_and_numbers():
    assert json.loads(render(COLUMNS, ROWS, Format.JSON)) == list(ROWS)


def test_csv_quotes_and_leaves_null_empty():
    assert render(COLUMNS, ROWS, Format.CSV) == 'channel,mqls\n"paid, social",3\n,'


def test_table_aligns_numbers_right():
    assert render(COLUMNS, ROWS, Format.TABLE).splitlines() == ["channel       mqls", "paid, social     3"]


def test_an_id_is_no_emoji() -> None:
    assert "hubspot:email:1" in render(("id",), [{"id": "hubspot:email:1"}], Format.TABLE)
