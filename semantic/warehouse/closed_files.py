"""Closings as files: one a closing, written once, never changed; a reopening is a file beside it.

`2026-10.1.jsonl`             the head, then a line for each metric, then the digest of all before it
`2026-10.1.reopened.json`     why it does not hold any more

They lie beside the warehouse, so that a refresh, a rebuild or a publication cannot touch them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from semantic.closings import ClosedMetric, ClosedSet, Closing, Reopening, in_force, not_closed
from semantic.errors import Refusal, WarehouseError

FORMAT = 1
_REMEMBERED = 2_000
"""Metrics of closings that are kept in memory as read: a dozen kilobytes each."""


class ClosedFiles:
    """The closings in one folder. Reading checks the digest once a file."""

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)
        self._read: dict[Path, tuple[Closing, dict[str, str]]] = {}
        self._metrics: dict[tuple[Path, str], ClosedMetric] = {}

    def heads(self) -> tuple[Closing, ...]:
        """Every closing ever made, by month and number."""
        found = [self._with_reopening(file) for file in sorted(self._folder.glob("????-??.*.jsonl"))]
        return tuple(sorted(found, key=lambda head: (head.month, head.number)))

    def metric(self, closing: Closing, name: str) -> ClosedMetric | None:
        """What a closing keeps of a metric; None where it keeps nothing."""
        file = self._file(closing.month, closing.number)
        line = self._lines(file)[1].get(name)
        if line is None:
            return None
        found = self._metrics.get((file, name))
        if found is None:
            if len(self._metrics) >= _REMEMBERED:
                self._metrics.clear()
            found = self._metrics[file, name] = _metric(json.loads(line))
        return found

    def next_number(self, month: str) -> int:
        """The number of a month's next closing; raises Refusal while one holds."""
        heads = self.heads()
        held = in_force(heads).get(month)
        if held is not None:
            raise Refusal(
                f"{month} is closed already: on {held.closed_at[:10]} by {held.by}. What was reported stays as it is; "
                f"to close it anew, say why: `touchstone close reopen {month} --reason ...`."
            )
        return max((head.number for head in heads if head.month == month), default=0) + 1

    def add(self, closing: Closing, metrics: Iterable[ClosedMetric]) -> Closing:
        """Write a closing, all of it or nothing; raises Refusal where another was faster."""
        head = asdict(closing) | {"format": FORMAT}
        for key in ("digest", "reopened"):
            head.pop(key)
        body = "".join(_line(item) for item in (head, *(asdict(metric) for metric in metrics)))
        digest = hashlib.sha256(body.encode()).hexdigest()
        self._write(
            self._file(closing.month, closing.number), body + _line({"digest": digest}), closing.month
        )
        return replace(closing, digest=digest)

    def reopen(self, month: str, reopening: Reopening) -> Closing:
        """Say that a month's closing does not hold any more; it stays as history."""
        held = in_force(self.heads()).get(month)
        if held is None:
            raise not_closed(month, self.heads())
        self._write(self._reopened(self._file(month, held.number)), _line(asdict(reopening)), month)
        return replace(held, reopened=reopening)

    def _write(self, file: Path, text: str, month: str) -> None:
        """Onto the disk under another name first; a link, unlike a rename, never replaces what is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{file.name}.{os.getpid()}"
        try:
            with draft.open("w", encoding="utf-8") as handle:
                handle.write(text)
                handle.flush()
                os.fsync(handle.fileno())
            os.link(draft, file)
        except FileExistsError:
            raise Refusal(f"{month} was closed or reopened by somebody else just now; look again.") from None
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _file(self, month: str, number: int) -> Path:
        return self._folder / f"{month}.{number}.jsonl"

    @staticmethod
    def _reopened(file: Path) -> Path:
        return file.with_suffix(".reopened.json")

    def _with_reopening(self, file: Path) -> Closing:
        head = self._lines(file)[0]
        reopened = self._reopened(file)
        if not reopened.exists():
            return head
        return replace(head, reopened=Reopening(**json.loads(reopened.read_text(encoding="utf-8"))))

    def _lines(self, file: Path) -> tuple[Closing, dict[str, str]]:
        """The head, and the lines of the metrics by name; a file is never changed, so it is read once."""
        if file not in self._read:
            self._read[file] = _parsed(file)
        return self._read[file]


def _parsed(file: Path) -> tuple[Closing, dict[str, str]]:
    try:
        # Not splitlines(): a member of a dimension may hold any of the characters that end a line in Unicode.
        first, *lines, last, _ = file.read_text(encoding="utf-8").split("\n")
        digest = json.loads(last)["digest"]
        head = json.loads(first)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WarehouseError(f"The closing {file} cannot be read: {error}.") from error
    if hashlib.sha256("".join(f"{line}\n" for line in (first, *lines)).encode()).hexdigest() != digest:
        raise WarehouseError(
            f"The closing {file} has been changed since it was written: its digest does not fit. "
            f"Restore it from a copy."
        )
    if head.pop("format") != FORMAT:
        raise WarehouseError(f"The closing {file} is written in a form that this version does not read.")
    closing = Closing(**head | {"metrics": tuple(head["metrics"]), "digest": digest})
    return closing, dict(zip(closing.metrics, lines, strict=True))


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _metric(document: dict[str, Any]) -> ClosedMetric:
    sets = tuple(_set(item) for item in document["sets"])
    required = tuple((name, value) for name, value in document["required"])
    return ClosedMetric(**document | {"sets": sets, "required": required})


def _set(document: dict[str, Any]) -> ClosedSet:
    return ClosedSet(
        tuple(document["dimensions"]),
        tuple(document["types"]),
        tuple(tuple(row) for row in document["rows"]),
        document["additive"],
        document["sql"],
    )
