"""How many random worlds each property tries: `TOUCHSTONE_FUZZ` multiplies the default."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

FACTOR = float(os.environ.get("TOUCHSTONE_FUZZ", "1"))


def worlds_of(count: int) -> Callable[[Callable[..., None]], Any]:
    """Give a property, as `chance`, a generator for each of `count` worlds at the default budget.

    Derandomized in the default run and in smaller ones, so that a commit is judged by the same worlds on every
    machine; a fuzz run draws new ones. Only the seed is hypothesis's: drawing every cell through it takes longer
    than asking.
    """
    limits = settings(
        max_examples=max(1, int(count * FACTOR)),
        deadline=None,
        derandomize=FACTOR <= 1,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
        print_blob=False,
    )
    seeds = st.integers(0, 2**32 - 1).map(Random)
    return lambda property_: limits(given(chance=seeds)(property_))
