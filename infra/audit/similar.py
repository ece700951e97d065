"""Which rare value is a slip of which common one: typing errors, told apart from values that mean something else."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from rapidfuzz.distance import OSA

RARE = 0.05  # a slip is seen at most this often, compared with what was meant
SHORTEST = 4  # letters: below, everything resembles everything


def slip_of(value: str, counts: Mapping[str, int]) -> str | None:
    """The common value that a rare one is a slip of; None where it is none.

    One edit (insert, drop, change or swap of neighbours), two in eight letters or more. Digits must agree: `2025-01`
    is no slip of `2025-02`.

    >>> slip_of("lnkedin", {"linkedin": 400, "lnkedin": 1, "google": 300})
    'linkedin'
    >>> slip_of("bing", {"ping": 2, "bing": 90})
    """
    if len(value) < SHORTEST:
        return None
    most = 2 if len(value) >= 8 else 1
    near = [
        (OSA.distance(value, other), -rows, other)
        for other, rows in counts.items()
        if other != value
        and abs(len(other) - len(value)) <= most
        and counts.get(value, 0) <= RARE * rows
        and _digits(other) == _digits(value)
        and OSA.distance(value, other, score_cutoff=most) <= most
    ]
    return min(near)[2] if near else None


def campaign_slip_of(value: str, known: Collection[str]) -> str | None:
    """The known campaign that an unknown name is a slip of: the same words but for one, which no known name has.

    >>> campaign_slip_of("emea-gtx-lunch-2025", ["emea-gtx-launch-2025", "amer-gtx-launch-2025"])
    'emea-gtx-launch-2025'
    >>> campaign_slip_of("apac-gtx-launch-2025", ["emea-gtx-launch-2025", "apac-insight-2025"])
    """
    words = value.split("-")
    vocabulary = {word for name in known for word in name.split("-")}
    for name in sorted(known):
        others = name.split("-")
        if len(others) != len(words):
            continue
        odd = [(mine, other) for mine, other in zip(words, others, strict=True) if mine != other]
        if len(odd) == 1 and odd[0][0] not in vocabulary and _is_slip(*odd[0]):
            return name
    return None


def _is_slip(mine: str, other: str) -> bool:
    most = 2 if len(mine) >= 8 else 1
    return len(mine) >= SHORTEST and _digits(mine) == _digits(other) and OSA.distance(mine, other) <= most


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
