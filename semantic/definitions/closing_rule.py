"""What closing a month keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from semantic.definitions.place import Place


@dataclass(frozen=True)
class ClosingRule:
    """What closing a month keeps: which metrics (patterns), and by which dimensions beside the whole."""

    metrics: tuple[str, ...] = ("*",)
    left_out: tuple[str, ...] = ()
    grouping_sets: tuple[tuple[str, ...], ...] = ((),)
    place: Place | None = field(default=None, compare=False)
