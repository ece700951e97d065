"""What the door says to a statement that it will not answer."""

from __future__ import annotations

from api.errors import ApiError


class Refused(ApiError):  # noqa: N818 - a refusal is an answer, not a failure
    """A statement the door will not answer; the message is written for the person who made the chart."""

    status, code = 400, "sql_refused"
