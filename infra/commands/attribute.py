"""`touchstone attribute`: who gets the credit, for paths in a file."""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections.abc import Iterator
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
    credits = maths.attribute(model, read_paths(paths, maths))
    rows = [{name: getattr(credit, name) for name in COLUMNS} for credit in credits]
    print(render(COLUMNS, rows, form))
    bound = max((credit.error for credit in credits), default=0.0)
    if bound:
        print(f"note: drawn, not counted: conversions are right to ± {bound:.4g} (95 %)", file=sys.stderr)


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
            reader = csv.DictReader(lines, delimiter=max(",;\t", key=head.count))
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
            missing = [name for name in ("path", "conversions") if name not in reader.fieldnames]
            if missing:
                raise MistakeError(
                    f"{str(file)!r} has no column {missing[0]!r}: wanted path, conversions, value, nulls"
                )
            return [
                maths.Path(tuple(_steps(row["path"])), **_numbers(file, reader.line_num, row))
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MistakeError(f"the paths file {str(file)!r} cannot be read: {error}") from error


def _steps(path: str | None) -> Iterator[str]:
    yield from (step.strip() for step in (path or "").split(SEPARATOR) if step.strip())


def _numbers(file: Path, line: int, row: dict[Any, Any]) -> dict[str, float]:
    if None in row:  # where csv puts the cells that no column is named for
        raise MistakeError(
            f"{str(file)!r} line {line}: more cells than columns: quote what has a separator inside, "
            "and write numbers without one"
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
