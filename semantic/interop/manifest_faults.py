"""Read a manifest part by part, so that everything that is wrong with it is said at once, each by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import sqlglot
from sqlglot.errors import SqlglotError

from semantic.errors import UserError, nearest

Read = TypeVar("Read")
SECTIONS = ("semantic_models", "metrics", "saved_queries")


class Faults(list[str]):
    """What is wrong, a line for each part."""

    def each(
        self, kind: str, items: Iterable[Mapping[str, Any]], read: Callable[[Any], Read]
    ) -> Iterator[tuple[Mapping[str, Any], Read]]:
        """Read every item that can be read; note the others by their names."""
        for item in items:
            found = self._read(f"{kind} {item['name']!r}", item, read)
            if found is not None:
                yield item, found

    def one(self, key: str, manifest: Mapping[str, Any], read: Callable[[Any], Read]) -> Read | None:
        """Read one part of the manifest."""
        return self._read(key, manifest.get(key), read)

    def _read(self, owner: str, item: Any, read: Callable[[Any], Read]) -> Read | None:
        try:
            return read(item)
        except UserError as error:
            self.append(f"{owner}: {error.message}")
        except KeyError as error:
            self.append(f"{owner}: {error.args[0]!r} is missing")
        except (TypeError, AttributeError, ValueError) as error:
            self.append(f"{owner}: a value has the wrong form ({error})")
        return None

    def raise_any(self) -> None:
        """Raise UserError with all of them."""
        if self:
            count = "1 fault" if len(self) == 1 else f"{len(self)} faults"
            lines = "".join(f"\n  {line}" for line in self)
            raise UserError(f"The manifest has {count}:{lines}")


def sections(manifest: Any, faults: Faults) -> dict[str, list[Mapping[str, Any]]]:
    """The lists of a manifest, each item with a name of its own; raises UserError where it is no manifest."""
    if not isinstance(manifest, Mapping) or not isinstance(manifest.get("semantic_models"), list):
        raise UserError(
            "This is no MetricFlow manifest: it should be an object with a list of 'semantic_models'. dbt writes "
            "one as target/semantic_manifest.json."
        )
    found = {key: manifest.get(key) or [] for key in SECTIONS}
    for key, items in found.items():
        if not isinstance(items, list):
            faults.append(f"{key}: should be a list")
            found[key] = []
            continue
        for place, item in enumerate(items, 1):
            if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
                faults.append(f"{key}: item {place} is no object with a 'name'")
        found[key] = [
            each for each in items if isinstance(each, Mapping) and isinstance(each.get("name"), str)
        ]
        names = [each["name"] for each in found[key]]
        faults.extend(
            f"{key}: there are several named {name!r}" for name in sorted(set(names)) if names.count(name) > 1
        )
    return found


def one_of(value: Any, known: Iterable[str], what: str) -> str:
    """The value, if it is known; raises UserError with the nearest names."""
    known = list(known)
    if isinstance(value, str) and value in known:
        return value
    near = nearest(str(value), known)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known[:12]) or 'none'}."
    raise UserError(f"{what} {value!r}, which is not known. {hint}")


def readable(text: str, what: str) -> str:
    """The text, if it is SQL; raises UserError otherwise."""
    try:
        sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError as error:
        raise UserError(f"{what} {text!r} is not SQL that can be read") from error
    return text
