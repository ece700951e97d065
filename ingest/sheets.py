"""The first sheet of an XLSX file, as people see it."""

import re
import zipfile
from itertools import product
from pathlib import Path
from typing import Any

from ingest.errors import IngestError
from ingest.rows import Row

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+\d+:[A-Z]+\d+)"')
# A formula without its result: whoever wrote the file did not calculate. Text results may be empty.
_UNCALCULATED = re.compile(
    rb'<c r="([A-Z]+\d+)"(?![^>]*t="str")[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


def read_sheet(file: Path) -> list[Row]:
    """The rows below the header; a merged cell's value is in each row that it covers. IngestError."""
    import openpyxl  # by those alone who have sheets: it takes a tenth of a second

    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            lines = [list(line) for line in workbook.worksheets[0].iter_rows(values_only=True)]
            with zipfile.ZipFile(file) as archive:
                source = archive.read(workbook.worksheets[0]._worksheet_path)
        finally:
            workbook.close()
    except Exception as error:  # openpyxl lets through whatever its parts raise
        raise IngestError("files", f"{file}: cannot be read: {error}") from None
    if bare := _UNCALCULATED.search(source):
        raise IngestError(
            "files",
            f"{file}: cell {bare[1].decode()} holds a formula whose result was never saved; open the file in a "
            "spreadsheet program and save it",
        )
    for found in _MERGED.findall(source):
        _spread(lines, found.decode())
    return _rows(file, lines)


def _spread(lines: list[list[Any]], cells: str) -> None:
    """Give each of the merged `cells` below the header the value of the first one."""
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(cells)
    if top == 1 or top > len(lines) or left > len(lines[top - 1]):
        return
    value = lines[top - 1][left - 1]
    for row, column in product(range(top - 1, min(bottom, len(lines))), range(left - 1, right)):
        if column < len(lines[row]):
            lines[row][column] = value


def _rows(file: Path, lines: list[list[Any]]) -> list[Row]:
    header = [str(cell).strip() if cell is not None else "" for cell in (lines[0] if lines else ())]
    named = [name for name in header if name]
    if not named or len(set(named)) < len(named):
        why = "two columns have the same name" if named else "it is empty"
        raise IngestError("files", f"{file}: cannot be read: {why}")
    rows = [dict(zip(header, line, strict=False)) for line in lines[1:]]
    return [row for row in rows if any(value is not None for value in row.values())]
