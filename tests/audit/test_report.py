"""The pages: hostile text stays text, personal data stays out, files are what they say."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser

import pyarrow.parquet as pq
import pytest

from infra.audit.files import every_table, write
from infra.audit.masking import masked_text
from infra.audit.nouns import Audit
from infra.audit.pages import html_page, markdown_page
from infra.audit.run import audit
from tests.audit import by_hand
from tests.audit.conftest import HERE, land

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)|`x`|\n# heading",
    "=HYPERLINK(0)",
    "\u202egnp.exe",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A company whose campaigns, sources and addresses were named by an enemy."""
    it = by_hand.Company()
    it.contact(1)
    for number, name in enumerate(HOSTILE):
        it.form(1, by_hand.mail(1), number, utm_source=name, utm_medium=name, utm_campaign=name)
        it.add("files__spend", spend_id=f"s{number}", spend_date=by_hand.at(0).date(), platform=name, campaign=name,
               amount=-5, currency="USD", channel=name)  # fmt: skip
        it.add(
            "salesforce__campaign", id=by_hand.sf("701", number), name=name, parent_id=by_hand.sf("701", 99)
        )
    for number in range(60):
        it.form(2, by_hand.mail(1), 10 + number)
    it.contact("9", f"{HOSTILE[0]}@evil.example")
    file = land(tmp_path_factory.mktemp("hostile") / "warehouse.duckdb", it.rows)
    return audit(file, **HERE)


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_names_from_outside_are_text_in_html(hostile):
    report, _ = hostile
    page = html_page(report)
    tags = Tags(page).seen
    assert {tag for tag, _ in tags} & {"script", "img", "iframe", "link", "object"} == set()
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in tags)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\u202e" not in page


def test_the_page_loads_nothing(hostile):
    page = html_page(hostile[0])
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//|@import|url\(", page)


def test_names_from_outside_are_text_in_markdown(hostile):
    page = markdown_page(hostile[0])
    assert not re.findall(r"(?<!\\)<", page)
    assert not [line for line in page.splitlines() if line.startswith("# heading")]
    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        pipes = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(pipes) == 1, table[:200]


def test_tables_are_written_twice_and_do_not_run(hostile, tmp_path):
    report, rules = hostile
    write(report, rules, tmp_path)
    for table in every_table():
        with (tmp_path / "tables" / f"{table.name}.csv").open(newline="") as opened:
            head, *rows = list(csv.reader(opened))
        stored = pq.read_table(tmp_path / "tables" / f"{table.name}.parquet")
        assert head == [column.name for column in table.columns] == stored.column_names
        assert len(rows) == stored.num_rows
        assert not [cell for row in rows for cell in row if cell[:1] in "=+@" and cell[:1]]
        assert all(field.metadata[b"comment"] for field in stored.schema)


def test_addresses_are_masked_unless_asked_for(tmp_path):
    file = land(tmp_path / "warehouse.duckdb", by_hand.company())
    report = audit(file, **HERE)[0]
    shown = audit(file, **HERE, show_personal=True)[0]

    def text(one: Audit) -> str:
        cells = [str(cell) for table in one.tables() for row in table.rows for cell in row]
        return html_page(one) + markdown_page(one) + "".join(cells)

    assert "jo@gmail.com" in text(shown)
    addresses = set(re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", text(report)))
    assert addresses == set()
    assert "j•••@gmail.com" in text(report)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Jane.Doe+news@acme.com", "J•••@acme.com"),
        ("email:o'neil@a.b.example, x", "email:o•••@a.b.example, x"),
        ("no address @ all", "no address @ all"),
    ],
)
def test_masking(typed, shown):
    assert masked_text(typed) == shown
