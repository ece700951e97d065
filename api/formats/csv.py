"""CSV as RFC 4180: a header, CRLF, UTF-8. An empty cell is a missing value.

Text that a spreadsheet would run as a formula (`=HYPERLINK(...)`) gets an apostrophe before it:
campaign names come from the outside, and finance opens these files with a double click.
"""

from __future__ import annotations

import csv
import io

from api.formats.cells import cells
from semantic.answer import Answer

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(answer: Answer) -> bytes:
    """The rows of an answer, with the column names as the header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_text(column.name) for column in answer.columns])
    writer.writerows([_cell(value) for value in row] for row in cells(answer))
    return out.getvalue().encode()


def safe_text(text: str) -> str:
    """Text that no spreadsheet runs.

    >>> safe_text("=1+1"), safe_text("Email")
    ("'=1+1", 'Email')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe_text(value) if isinstance(value, str) else value
