"""Files of every kind give the same rows, and one that was cut off is no smaller table."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml

import ingest
from ingest.contract import promised
from ingest.extract import Window
from ingest.files import connect, read_batches
from ingest.rows import to_arrow
from ingest.sources_file import read_sources

HEADER = ("id", "sold on", "sum", "who")
ROWS = [("1", datetime(2026, 3, 29, 2, 30), "10.50", "Ann; Bo"), ("2", datetime(2026, 10, 25), None, 'a "b"')]
COLUMNS: dict[str, Any] = {
    "deal_id": "id",
    "closed_at": {"column": "sold on", "format": "%d.%m.%Y %H:%M"},
    "amount": "sum",
    "name": "who",
}


def as_csv(file: Path, delimiter: str = ",") -> None:
    lines = [HEADER, *((key, at.strftime("%d.%m.%Y %H:%M"), money, name) for key, at, money, name in ROWS)]
    quoted = (
        delimiter.join("" if one is None else '"' + one.replace('"', '""') + '"' for one in line)
        for line in lines
    )
    file.write_text("\ufeff" + "\r\n".join(quoted) + "\r\n", encoding="utf-8")


def as_xlsx(file: Path) -> None:
    workbook = openpyxl.Workbook()
    for line in (HEADER, *ROWS):
        workbook.active.append(line)
    workbook.save(file)


def as_parquet(file: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE t (id VARCHAR, "sold on" TIMESTAMP, sum VARCHAR, who VARCHAR)')
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", ROWS)
        connection.execute(f"COPY t TO '{file}' (FORMAT parquet)")


def read(folder: Path, file: str, **more: Any) -> list[tuple]:
    tables = {"deals": {"path": file, "columns": COLUMNS, **more}}
    sources = folder / "sources.yml"
    sources.write_text(yaml.safe_dump({"sources": {"files": {"on": True, "tables": tables}}}))
    settings = next(one for one in read_sources(sources) if one.name == "files")
    pages = [page["files__deals"] for page in connect(settings).extracts[0].walk(Window())]
    found = to_arrow(promised("files__deals"), [row for page in pages for row in page], datetime(2026, 1, 1))
    return list(zip(*(found.column(name).to_pylist() for name in COLUMNS), strict=True))


def test_csv_xlsx_and_parquet_give_the_same_rows(tmp_path: Path) -> None:
    as_csv(tmp_path / "a.csv")
    as_csv(tmp_path / "b.csv", ";")
    as_xlsx(tmp_path / "c.xlsx")
    as_parquet(tmp_path / "d.parquet")
    expected = [(key, at, money and Decimal(money), name) for key, at, money, name in ROWS]
    for name in ("a.csv", "b.csv", "c.xlsx", "d.parquet"):
        assert read(tmp_path, name) == expected, name


def cut(content: bytes) -> bytes:
    return content[: -len(b'"",a ""b""') - 4]


def test_a_file_that_was_cut_off_or_cannot_be_read_is_named(tmp_path: Path) -> None:
    as_csv(tmp_path / "whole.csv")
    as_xlsx(tmp_path / "c.xlsx")
    as_parquet(tmp_path / "d.parquet")
    whole = (tmp_path / "whole.csv").read_bytes()
    broken = {
        "cut.csv": (cut(whole), "Line: 3; (Expected Number of Columns: 4|Value with unterminated quote)"),
        "quote.csv": (whole.replace(b'"Ann', b'"Ann"x'), "Line: 2"),
        "latin.csv": (whole.replace(b"Ann", b"\xc4nn"), "Line: 2; Invalid unicode"),
        "date.csv": (whole.replace(b"29.03.2026", b"03/29/2026"), r"row 1: time data '03/29/2026"),
        "cut.xlsx": ((tmp_path / "c.xlsx").read_bytes()[:3_000], "cannot be read"),
        "cut.parquet": ((tmp_path / "d.parquet").read_bytes()[:-20], "cannot be read"),
        "empty.csv": (b"", "it is empty"),
    }
    for name, (content, told) in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ingest.IngestError, match=rf"{name}: .*{told}") as failed:
            read(tmp_path, name)
        assert "Bo" not in str(failed.value)


def test_merged_cells_count_for_each_row_and_a_formula_without_a_result_is_refused(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for line in (HEADER, *ROWS):
        workbook.active.append(line)
    workbook.active.merge_cells("D2:D3")
    workbook.save(tmp_path / "merged.xlsx")
    assert [row[3] for row in read(tmp_path, "merged.xlsx")] == ["Ann; Bo", "Ann; Bo"]
    workbook.active["C3"] = "=C2*2"
    workbook.save(tmp_path / "formula.xlsx")
    with pytest.raises(
        ingest.IngestError, match=r"formula.xlsx: cell C3 holds a formula whose result was never"
    ):
        read(tmp_path, "formula.xlsx")
    workbook.active["C3"] = "#REF!"
    workbook.save(tmp_path / "error.xlsx")
    with pytest.raises(ingest.IngestError, match="row 2: 'amount' is the error #REF! of a sheet"):
        read(tmp_path, "error.xlsx")


def test_other_encodings_and_mixed_dates_are_read_where_they_are_said(tmp_path: Path) -> None:
    header = '"id","sold on","sum","who\nbuys"\n'
    text = header + '"1","29.03.2026 02:30","10.50","Jos\u00e9"\n"2","2026-10-25","","x"\n'
    columns = COLUMNS | {
        "closed_at": {"column": "sold on", "format": ["%d.%m.%Y %H:%M", "%Y-%m-%d"]},
        "name": "who\nbuys",
    }
    for encoding in ("utf-8", "latin-1", "utf-16"):
        (tmp_path / "a.csv").write_bytes(text.encode(encoding))
        found = read(tmp_path, "a.csv", columns=columns, encoding=encoding)
        assert [(row[1], row[3]) for row in found] == [(ROWS[0][1], "José"), (ROWS[1][1], "x")]
    with pytest.raises(ingest.SourcesFileError, match="unknown key 'encodin'; did you mean 'encoding'"):
        read(tmp_path, "a.csv", encodin="utf-8")


def test_a_file_that_is_written_meanwhile_is_neither_the_old_nor_the_new_one(tmp_path: Path) -> None:
    as_csv(tmp_path / "a.csv")
    batches = read_batches(tmp_path / "a.csv")
    next(batches)
    as_csv(tmp_path / "a.csv", ";")
    with pytest.raises(ingest.IngestError, match=r"a.csv: was written while it was read"):
        list(batches)


def test_of_rows_with_one_key_the_last_files_is_kept_and_what_nobody_reads_is_told(tmp_path: Path) -> None:
    (tmp_path / "2026-01.csv").write_text("id,stage,colour\n1,open,red\n2,open,red\n")
    (tmp_path / "2026-02.csv").write_text("id,stage,colour\n1,won,red\n1,lost,red\n")
    columns = {"deal_id": "id", "stage": "stage"}
    sources = tmp_path / "sources.yml"
    tables = {"deals": {"path": "*.csv", "columns": columns}}
    sources.write_text(yaml.safe_dump({"sources": {"files": {"on": True, "tables": tables}}}))
    report = ingest.run(sources, tmp_path / "warehouse.duckdb", tmp_path / "state")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        found = connection.execute("SELECT deal_id, stage FROM raw.files__deals ORDER BY 1").fetchall()
        notes = connection.execute("SELECT notes FROM raw.source_run WHERE object = 'deals'").fetchall()
    assert found == [("1", "won"), ("2", "open")]
    assert notes == [
        ("nothing is made of the columns colour; 2 rows repeat the key of another one and are left out",)
    ]
    assert report.notes == tuple(f"files deals: {note}" for note in notes[0][0].split("; "))


@pytest.mark.parametrize("amount", ["1.234,56", "NaN", "9" * 20])
def test_an_amount_that_is_none_is_named_with_its_file_and_record(tmp_path: Path, amount: str) -> None:
    row = {"deal_id": "7", "amount": amount, "_source_file": "deals.csv"}
    with pytest.raises(ingest.IngestError) as failed:
        to_arrow(promised("files__deals"), [{"deal_id": "6"}, row], datetime(2026, 1, 1))
    assert f"'{amount}' cannot be read as that (deals.csv, deal_id '7')" in str(failed.value)
