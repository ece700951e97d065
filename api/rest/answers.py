"""How OpenAPI describes answers and errors."""

from __future__ import annotations

from typing import Any

_COLUMN = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "type": {"enum": ["text", "integer", "decimal", "float", "boolean", "date", "timestamp"]},
        "role": {"enum": ["dimension", "metric", "comparison", "share"]},
        "metric": {"type": ["string", "null"], "description": "The metric that the column belongs to."},
        "label": {"type": "string"},
        "format": {"enum": ["number", "integer", "currency", "percent", "days", ""]},
        "additive": {"type": "boolean", "description": "Whether a client may add the column up."},
        "status": {"enum": ["assumed", "confirmed", "deprecated", ""]},
        "grain": {"type": ["string", "null"]},
    },
}
ANSWER = {
    "type": "object",
    "title": "Answer",
    "properties": {
        "columns": {"type": "array", "items": _COLUMN},
        "rows": {
            "type": "array",
            "description": "Exact decimals are strings, times ISO 8601, missing values null.",
            "items": {"type": "object"},
        },
        "total": {"type": "integer", "description": "Rows before limit and offset."},
        "sql": {"type": "string", "description": "The SQL that computed it."},
        "freshness": {
            "type": "object",
            "description": "version, published_at and watermark: how far each source had been read.",
        },
        "notes": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What to know about the rows.",
        },
        "totals": {"type": "array", "items": {"type": "object"}},
    },
}
ERROR = {
    "type": "object",
    "title": "Error",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "examples": ["unknown_metric"]},
                "message": {"type": "string"},
                "suggestions": {"type": "array", "items": {"type": "string"}},
                "reference": {"type": "string", "description": "On 500 only: finds the failure in the log."},
            },
            "required": ["code", "message", "suggestions"],
        }
    },
}


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of an address."""
    said = {
        400: "The question is wrong; the message says what would work, `suggestions` has the nearest names.",
        401: "No key, or one that is not known.",
        403: "The key may not do this, or the person may not see this.",
        404: "There is nothing of this name.",
        408: "Over the time limit, or cancelled.",
        413: "Larger than a limit.",
        503: "Nothing is published yet, or the warehouse cannot be reached.",
    }
    return {
        status: {"description": said[status], "content": {"application/json": {"schema": ERROR}}}
        for status in statuses
    }


ANSWER_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The rows.",
        "content": {
            "application/json": {"schema": ANSWER},
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.arrow.stream": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    304: {"description": "Nothing has changed since the answer with this ETag."},
    **error_responses(400, 401, 403, 408, 503),
}
