"""What schedules check."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from graphdl.ir.errors import ArgumentError
from graphdl.ir.node import site_text


def check_numbers(
    schedule: str, *, positive: bool = False, whole: bool = False, **given: Any
) -> None:
    """Refuse arguments that are no finite numbers, or not positive or whole where they have to be.

    Raises
    ------
    ArgumentError
        Naming the schedule and its argument.
    """
    wanted = f"{'positive' if positive else 'finite'}{' whole' if whole else ''}"
    for name, value in given.items():
        fits = isinstance(value, Real) and math.isfinite(value)
        if not fits or (positive and value <= 0) or (whole and value != int(value)):
            raise ArgumentError(
                f"{schedule}: {name}={value!r}",
                site=site_text(),
                remedy=f"use a {wanted} number",
            )
