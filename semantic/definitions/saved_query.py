"""Questions with a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from semantic.definitions.place import Place


@dataclass(frozen=True)
class SavedQuery:
    """A question with a name; `document` is the question as every door writes it."""

    name: str
    document: Mapping[str, Any] = field(hash=False)
    label: str = ""
    description: str = ""
    place: Place | None = field(default=None, compare=False)
