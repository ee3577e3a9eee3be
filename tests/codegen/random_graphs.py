"""Random graphs: one a seed, or drawn by hypothesis."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from tests.codegen.random_builder import Builder, Case
from tests.codegen.random_steps import STEPS
from tests.codegen.random_views import VIEW_STEPS

ALL = (*STEPS, *VIEW_STEPS)


def random_case(seed: int, name: str | None = None) -> Case:
    """Return the case of a seed."""
    rng = random.Random(seed)
    builder = Builder(rng.randint, name or f"g{seed}", ALL)
    return builder.case(rng.randint(2, 22))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return cases that hypothesis can make smaller."""

    def integer(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    return Builder(integer, "drawn", ALL).case(integer(1, 12))
