"""The engine answers random questions over random worlds like nested loops do, or refuses like them."""

from __future__ import annotations

from random import Random

import pytest

from tests.oracle.budget import worlds_of
from tests.oracle.compare import faults, smallest
from tests.oracle.world import Asked
from tests.oracle.worlds import KINDS, questions, worlds

QUESTIONS = 4


@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), KINDS], ids=lambda kinds: "_".join(kinds))
@worlds_of(60)
def test_every_question_is_answered_like_the_oracle(kinds: tuple[str, ...], chance: Random) -> None:
    world = worlds(chance, kinds)
    for _ in range(QUESTIONS):
        asked = Asked(questions(chance, world))
        assert not faults(world, asked), smallest(world, asked, faults)
