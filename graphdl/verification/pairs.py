"""Pairs of expressions that should be equal throughout a region: what is left of a proof."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from graphdl.verification.evaluator import UnsupportedError
from graphdl.verification.limits import time_limit
from graphdl.verification.outcome import Fault, Outcome
from graphdl.verification.points import Agreement, agreement
from graphdl.verification.regions import Region
from graphdl.verification.wording import counted
from graphdl.verification.zero import is_zero

Expression = Any

Place = tuple[int, tuple[int, ...], tuple[int, ...]]
"""Which variable, which element of it, which element of the value."""

Pair = tuple[Expression, Expression, Place]
"""What a gradient gives, what SymPy's derivative is, and where."""

FAILURES = (
    TimeoutError, RecursionError, UnsupportedError, ArithmeticError, ValueError, TypeError,
    NotImplementedError, AttributeError, KeyError,
)  # fmt: skip
"""How an evaluation on symbols may end: SymPy has no error class of its own."""

_FAR = 15
"""Beyond this a value may be its limit: the rule may differ from the derivative in rounding."""


def compared(
    region: Region,
    pairs: Sequence[Pair],
    symbols: Sequence[Expression],
    deadline: float,
    fault: Callable[[Place, dict[Expression, Any], float, float], Fault],
    points: int = 100,
) -> Outcome:
    """Prove all pairs equal in a region; those that cannot be are compared with 50 digits.

    Parameters
    ----------
    region : Region
        Where they should be equal.
    pairs : sequence of Pair
        What is compared.
    symbols : sequence of Symbol
        What they are about.
    deadline : float
        The processor's time after which nothing more is tried.
    fault : callable
        From place, point, expected and got value to what is said of a pair that differs.
    points : int
        Number of points where those are compared that are not proved.
    """
    open_pairs = [p for p in pairs if not _is_zero(p[0] - p[1], region, deadline)]
    if not open_pairs:
        return Outcome("proved", "by SymPy", _conditions(region), kinks=_kinks(region))
    far = any(region.known(s - _FAR) == 1 or region.known(s + _FAR) == -1 for s in symbols)
    found: list[Agreement] = []
    for got, expected, where in open_pairs:
        found.append(agreement(got, expected, region, symbols, points, far=far))
        worst = found[-1].worst
        if worst is not None:
            return Outcome("refuted", "with 50 digits", fault=fault(where, *worst))
    met, digits = min(a.points for a in found), min(a.digits for a in found)
    if not met:
        return Outcome("open", f"no point was found where {_region_text(region)}")
    if far:
        remark = f"{_region_text(region)}: only checked, at {counted(met, 'point')}"
        return Outcome("proved", "by SymPy", remarks=(remark,), kinks=_kinks(region))
    return Outcome("checked", "with 50 digits", points=met, digits=digits)


def _is_zero(difference: Expression, region: Region, deadline: float) -> bool:
    rest = deadline - time.process_time()
    if difference == 0 or rest <= 0:
        return bool(difference == 0)
    try:
        with time_limit(rest):
            return is_zero(difference, region)
    except (TimeoutError, RecursionError):
        return False


def _conditions(region: Region) -> tuple[str, ...]:
    return tuple(sorted({f"{d} > 0" for d in map(str, region.domain)}))


def _kinks(region: Region) -> tuple[str, ...]:
    return tuple(sorted({f"{k} = 0" for k in map(str, region.kinks)}))


def _region_text(region: Region) -> str:
    signs = [f"{atom} {'>' if s > 0 else '<'} 0" for atom, s in region.signs.items()]
    return ", ".join(sorted(signs)) or "everywhere"
