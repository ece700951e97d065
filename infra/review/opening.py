"""Find the two sides of a comparison: tables by an environment's name or a file, definitions as they are and were."""

from __future__ import annotations

import hashlib
from pathlib import Path

from infra import marks
from infra.errors import MistakeError
from infra.home import Home
from infra.publish import current, kept_glossary
from infra.review.sides import Side, environment, file
from infra.transform import PROD
from semantic.definitions import Glossary
from semantic.errors import GlossaryError
from semantic.loader import load_glossary

SERVED = "served"


def sides(
    home: Home, working: Path, before: str | Path, after: str | Path, before_glossary: Path | None = None
) -> tuple[Side, Side, list[str]]:
    """What was and what will be, and what is to be known about the comparison. Hold the refresh lock.

    The definitions before are those given, else those that were published with what is served, else today's.
    """
    notes = []
    now = load_glossary(working)
    then, doubt = _then(home, before, before_glossary, working, now)
    notes += [doubt] if doubt else []
    named = isinstance(before, str) and isinstance(after, str) and SERVED not in (before, after)
    open_ends = [str(one) for one in (before, after) if marks.unfinished(home.warehouse_file, str(one))]
    for one in dict.fromkeys(open_ends):
        notes.append(
            f"The last build of {one} did not come to its end: what is compared is what was built before it, or "
            f"in part what it built. `touchstone {'refresh' if one == PROD else f'plan {one}'}` ends it."
        )
    if named and not open_ends and not marks.same_rows(home.warehouse_file, str(before), str(after)):
        notes.append(
            f"{before} and {after} were not built from the same raw rows: numbers may move because of new rows. "
            f"`touchstone refresh`, then `touchstone plan {after}`, compares the change alone."
        )
    return _side(home, before, then), _side(home, after, now), notes


def _side(home: Home, wanted: str | Path, glossary: Glossary) -> Side:
    if isinstance(wanted, Path):
        return file(wanted, glossary)
    if wanted == SERVED:
        published = current(home)
        if published is None:
            raise MistakeError("nothing is served yet: run `touchstone refresh` first")
        return file(published.path, glossary, SERVED)
    return environment(home.warehouse_file, wanted, glossary)


def _then(
    home: Home, before: str | Path, given: Path | None, working: Path, now: Glossary
) -> tuple[Glossary, str]:
    """The definitions of the side before, and a doubt about them."""
    if given is not None:
        return load_glossary(given), ""
    served = current(home)
    version = before if isinstance(before, Path) else served.path if served else None
    kept = kept_glossary(version) if version else None
    if kept is None:
        return now, "The definitions that were published are not known: both sides are asked by today's."
    if _digest(kept) == _digest(working):
        return now, ""
    try:
        return load_glossary(kept), ""
    except GlossaryError as error:
        return now, (
            f"The definitions that were published cannot be read any more ({len(error.problems)} problems): "
            "both sides are asked by today's."
        )


def _digest(glossary: Path) -> str:
    """Of all files of a glossary: the same files, the same definitions."""
    files = sorted(glossary.rglob("*.yml")) if glossary.is_dir() else [glossary]
    found = hashlib.sha256()
    for one in files:
        found.update(repr((str(one.relative_to(glossary)), one.read_bytes())).encode())
    return found.hexdigest()
