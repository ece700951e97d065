"""What the door's catalogue says of a metric, in Superset's words."""

from __future__ import annotations

from typing import Any


def certification(facts: dict[str, Any]) -> dict[str, Any]:
    """The badge: who signed the definition. A metric that nobody signed gets none."""
    if not facts.get("certified_by"):
        return {}
    return {
        "certification": {
            "certified_by": str(facts["certified_by"]),
            "details": str(facts.get("details") or ""),
        }
    }


def description(facts: dict[str, Any]) -> str | None:
    """The definition, with its status where it is not confirmed yet."""
    text = str(facts.get("definition") or facts.get("description") or facts.get("details") or "").strip()
    status = str(facts.get("status") or "confirmed")
    return " ".join(part for part in (text, "" if status == "confirmed" else f"({status})") if part) or None
