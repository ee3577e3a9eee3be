"""Numbers times a share of themselves that goes from 0 to 1: silu and mish."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.table import row

Array = np.ndarray
_FAR = 2e3
"""exp(-1000) is 0: what is multiplied by it is kept finite."""


def _gated(share: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
    """Return x times a share, on the real axis and beside it.

    The share is given by ``x < 0`` and ``exp(-|x|)``; below 0 it has another factor of that, taken
    as two factors of ``exp(x/2)``, which has all its bits where ``exp(x)`` has lost some.
    """

    def value(x: Array) -> Array:
        wide = np.asarray(x).astype(np.result_type(x, np.float64))
        near = np.where(wide.real < -_FAR, -_FAR, wide)
        below = near.real < 0
        half = np.exp(np.where(below, near, -near) / 2)
        factor = np.where(below, half, 1)
        return np.asarray(near * factor * share(below, half * half) * factor).astype(x.dtype)

    return value


def _logistic(below: Array, e: Array) -> Array:
    return np.asarray(1 / (1 + e))


def _tanh_of_softplus(below: Array, e: Array) -> Array:
    """Return n / (n + 2) for n = exp(x)·(exp(x) + 2), in terms of what is at most 1."""
    top = np.where(below, e + 2, 1 + 2 * e)
    return np.asarray(top / np.where(below, e * (e + 2) + 2, 1 + 2 * e * (1 + e)))


row(
    "silu",
    1,
    evaluate=_gated(_logistic),
    continued=_gated(_logistic),
    latex=r"{factor[0]} \cdot \sigma\left({0}\right)",
    text="{factor[0]}·σ({0})",
    numpy="_silu",
    sympy=lambda sp, a: a / (1 + sp.exp(-a)),
    bounds=bounds.dipping(0.2785),
    cost=12,
)
row(
    "mish",
    1,
    evaluate=_gated(_tanh_of_softplus),
    continued=_gated(_tanh_of_softplus),
    latex=r"{factor[0]} \cdot \tanh\left(\operatorname{{softplus}}\left({0}\right)\right)",
    text="{factor[0]}·tanh(softplus({0}))",
    numpy="_mish",
    sympy=lambda sp, a: a * sp.tanh(sp.log(1 + sp.exp(a))),
    bounds=bounds.dipping(0.3089),
    cost=14,
)
