"""/v1/periods: the closed months, for `as_of` and `compare: as_reported`, and what was reopened."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.door import KEYS, Doors
from api.rest.answers import error_responses
from api.rest.replies import settled
from api.room import Sitting
from semantic.closings import Closing, in_force


def period_routes(doors: Doors) -> APIRouter:
    """The address of the closed months."""
    router = APIRouter(prefix="/v1", tags=["questions"], dependencies=KEYS)

    @router.get(
        "/periods",
        summary="The closed months",
        description="Each closing with who, when, over which data, and the metrics kept that the caller may see. "
        "`closed` is what `as_of` takes; a closing that was reopened says why.",
        responses=error_responses(401, 403, 503),
        response_model=None,
    )
    def periods(request: Request) -> Response:
        return settled(doors, request, _periods)

    return router


def _periods(seat: Sitting) -> dict[str, Any]:
    heads = seat.closings.heads()
    visible = {metric.name for metric in seat.metrics()}
    return {"closed": sorted(in_force(heads)), "closings": [_closing(head, visible) for head in heads]}


def _closing(head: Closing, visible: set[str]) -> dict[str, Any]:
    reopened = head.reopened
    return {
        "month": head.month,
        "number": head.number,
        "closed_at": head.closed_at,
        "by": head.by,
        "note": head.note,
        "version": head.version,
        "watermark": dict(head.watermark),
        "metrics": [name for name in head.metrics if name in visible],
        "reopened": {"at": reopened.at, "by": reopened.by, "reason": reopened.reason} if reopened else None,
    }
