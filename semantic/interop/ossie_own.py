"""Find our own glossary in an Ossie document, as far as the document still says what it said when it was written.

An expression in a document is read by other tools, the extension by us alone. Where somebody has changed what
others read, that counts: a changed metric is read from its expression, changed datasets drop the extension.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from semantic import definitions as d
from semantic.errors import GlossaryError
from semantic.interop.ossie_export import VENDOR, export_ossie
from semantic.loader import glossary_from_text

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Own:
    """Our glossary, the metrics of the document that say something else, those that it no longer has, and why."""

    glossary: d.Glossary
    changed: tuple[Document, ...] = ()
    removed: frozenset[str] = frozenset()
    losses: tuple[str, ...] = ()


def find_own(model: Document) -> Own | str | None:
    """Our part of a document; a line on why it was dropped; None where the document is not ours."""
    text = _kept(model)
    if text is None:
        return None
    try:
        glossary = glossary_from_text(text, f"the {VENDOR} extension")
    except GlossaryError as error:
        return f"extension {VENDOR!r}: {error.problems[0]}; the document's expressions are read instead"
    written = export_ossie(glossary, model["name"])[0]["semantic_model"][0]
    for part in ("datasets", "relationships"):
        if _said(written.get(part)) != _said(model.get(part)):
            return (
                f"extension {VENDOR!r}: the document's {part} have been changed since it was written; its expressions "
                f"are read instead"
            )
    return _compared(glossary, written.get("metrics") or (), model.get("metrics") or ())


def _kept(model: Document) -> str | None:
    """The glossary in our extension, as text."""
    for each in model.get("custom_extensions") or ():
        if each["vendor_name"] == VENDOR:
            try:
                found = json.loads(each["data"])
            except ValueError:
                return each["data"]  # the loader says what is wrong with it
            if isinstance(found, Mapping) and "glossary" in found:
                return json.dumps(found["glossary"], ensure_ascii=False)
    return None


def _said(part: Any) -> Any:
    """What others read of a part: all but extensions."""
    if isinstance(part, Mapping):
        return {key: _said(value) for key, value in part.items() if key != "custom_extensions"}
    return [_said(each) for each in part] if isinstance(part, list | tuple) else part


def _compared(glossary: d.Glossary, written: Iterable[Document], found: Iterable[Document]) -> Own:
    before = {each["name"]: _said(each) for each in written}
    now = {each["name"]: each for each in found}
    changed = tuple(each for name, each in now.items() if before.get(name) != _said(each))
    gone = set(before) - set(now)
    used = _needed({name: each for name, each in glossary.metrics.items() if name not in gone})
    losses = [f"metric {each['name']!r}: {_why(each['name'], before)}" for each in changed]
    losses += [f"metric {name!r}: the document no longer has it" for name in sorted(gone - used)]
    return Own(glossary, changed, frozenset(gone - used), tuple(losses))


def _needed(metrics: Mapping[str, d.Metric]) -> set[str]:
    """The parts of these metrics."""
    return {part.metric for metric in metrics.values() for part in metric.inputs}


def _why(name: str, before: Mapping[str, Any]) -> str:
    if name in before:
        return "changed since the document was written; read from its expression"
    return "added since the document was written; read from its expression"
