"""`touchstone attribute`: who gets the credit, for paths in a file."""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from infra.errors import MistakeError
from infra.rows import Format, render
from infra.settings import PROJECT

MATHS = PROJECT / "sqlmesh" / "maths" / "paths.py"
SEPARATOR = ">"
COLUMNS = ("channel", "conversions", "value")
DIGITS = 12  # of what is printed: fewer than a floating-point number is sure of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(attribute)


def attribute(
    model: Annotated[str, typer.Option(help="first, last, linear, markov, shapley, ...")],
    paths: Annotated[Path, typer.Option(help="CSV: path ('a > b'), conversions, value, nulls.")],
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """Divide the conversions and the value of PATHS among the channels by MODEL."""
    maths = load_maths()
    if model not in maths.MODELS:
        raise MistakeError(
            f"model {model!r} does not work on paths alone: choose one of {', '.join(maths.MODELS)}"
        )
    walked = read_paths(paths, maths)
    credits = maths.attribute(model, walked)
    numbers = {
        name: whole([getattr(credit, name) for credit in credits], [getattr(path, name) for path in walked])
        for name in COLUMNS[1:]
    }
    rows = [
        {"channel": credit.channel, **{name: numbers[name][place] for name in numbers}}
        for place, credit in enumerate(credits)
    ]
    print(render(COLUMNS, rows, form))
    bound = max((credit.error for credit in credits), default=0.0)
    if bound:
        print(f"note: drawn, not counted: conversions are right to ± {bound:.4g} (95 %)", file=sys.stderr)


def whole(shares: Sequence[float], parts: Sequence[float]) -> list[float]:
    """The shares in so many digits that they add up, as they are printed, to exactly what the parts add up to.

    Each is a step of the rounded running sum, as credit is in the warehouse.

    >>> whole([1 / 3, 1 / 3, 1 / 3], [0.1, 0.2, 0.7])
    [0.333333333333, 0.333333333334, 0.333333333333]
    """
    told = [Decimal(repr(float(part))) for part in parts]
    total, size = sum(told, Decimal(0)), sum(map(abs, told), Decimal(0))
    if not size:
        return list(shares)
    places = max(DIGITS - size.adjusted(), *(-int(part.as_tuple().exponent) for part in told))
    steps, running, given = [], 0.0, Decimal(0)
    for share in shares[:-1]:
        running += share
        step = round(Decimal(running), places)
        steps.append(float(step - given))
        given = step
    return [*steps, float(total - given)]


def load_maths() -> ModuleType:
    """The file that the warehouse's own models use: it belongs to the SQLMesh project, which is no package."""
    spec = importlib.util.spec_from_file_location("touchstone_paths", MATHS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def read_paths(file: Path, maths: ModuleType) -> list[Any]:
    """The paths of a CSV file, `value` and `nulls` optional; MistakeError with the line that cannot be read."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            head = lines.readline()
            lines.seek(0)
            reader = csv.DictReader(lines, delimiter=max(",;\t", key=head.count), strict=True)
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
            _check_columns(file, reader.fieldnames)
            return [
                maths.Path(tuple(_steps(row["path"])), **_numbers(file, line, row))
                for line, row in _rows(reader)
            ]
    except UnicodeDecodeError as error:
        raise MistakeError(
            f"the paths file {str(file)!r} cannot be read: {error}: save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise MistakeError(
            f"{str(file)!r} line {reader.line_num}: {error}: a quote is open, or stands inside without being doubled"
        ) from error
    except OSError as error:
        raise MistakeError(f"the paths file {str(file)!r} cannot be read: {error}") from error


def _check_columns(file: Path, names: Sequence[str]) -> None:
    for name in ("path", "conversions", "value", "nulls"):
        if names.count(name) > 1:
            raise MistakeError(f"{str(file)!r} has column {name!r} twice: leave one")
        if name not in names and name in ("path", "conversions"):
            raise MistakeError(
                f"{str(file)!r} has no column {name!r}: wanted path, conversions, value, nulls"
            )


def _rows(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[Any, Any]]]:
    """The rows with their lines; a line of blanks is none."""
    for row in reader:
        if any(not isinstance(cell, str) or cell.strip() for cell in row.values() if cell is not None):
            yield reader.line_num, row


def _steps(path: str | None) -> Iterator[str]:
    yield from (step.strip() for step in (path or "").split(SEPARATOR) if step.strip())


def _numbers(file: Path, line: int, row: dict[Any, Any]) -> dict[str, float]:
    if None in row:  # where csv puts the cells that no column is named for
        raise MistakeError(
            f"{str(file)!r} line {line}: more cells than columns: quote what has a separator inside, "
            "and write numbers without one"
        )
    if row["path"] is None or row["conversions"] is None:
        raise MistakeError(
            f"{str(file)!r} line {line}: the line ends before its path and conversions are told"
        )
    numbers = {}
    for name in ("conversions", "value", "nulls"):
        text = (row.get(name) or "0").strip() or "0"
        try:
            number = float(text)
        except ValueError:
            raise MistakeError(f"{str(file)!r} line {line}: {name} {text!r} is not a number") from None
        if number != number or number in (float("inf"), float("-inf")) or (number < 0 and name != "value"):
            raise MistakeError(
                f"{str(file)!r} line {line}: {name} {text!r} must be a finite number from 0 up"
            )
        numbers[name] = number
    return numbers
