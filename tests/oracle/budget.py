"""How many random worlds each property tries: `TOUCHSTONE_FUZZ` multiplies the default."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

FACTOR = float(os.environ.get("TOUCHSTONE_FUZZ", "1"))


def worlds_of(count: int) -> settings:
    """Settings for `count` worlds at the default budget.

    Derandomized in the default run, so that a commit is judged by the same worlds on every machine;
    a fuzz run draws new ones, and shrinks what it finds (which may take minutes).
    """
    return settings(
        max_examples=max(1, int(count * FACTOR)),
        deadline=None,
        derandomize=FACTOR == 1,
        database=None if FACTOR == 1 else settings.default.database,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate) if FACTOR <= 1 else tuple(Phase),
        print_blob=True,
    )
