"""Numbers times a share of themselves that goes from 0 to 1: silu, mish and gelu."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.table import row

Array = np.ndarray
_FAR = 2e3
"""exp(-1000) is 0: what is multiplied by it is kept finite."""


def _itself(x: Array) -> Array:
    return x


def _gated(
    share: Callable[[Array, Array], Array], phase: Callable[[Array], Array] = _itself
) -> Callable[[Array], Array]:
    """Return x times a share, on the real axis and beside it.

    The share is given by ``x < 0`` and ``e = exp(-|u|)``, where u is x or another odd function of
    it; below 0 it has another factor of e, taken as two factors of ``exp(u/2)``, which has all its
    bits where ``exp(u)`` has lost some.
    """

    def value(x: Array) -> Array:
        wide = np.asarray(x).astype(np.result_type(x, np.float64))
        near = np.where(wide.real < -_FAR, -_FAR, wide)
        below = near.real < 0
        u = phase(np.where(near.real > _FAR, _FAR, near))
        half = np.exp(np.where(below, u, -u) / 2)
        factor = np.where(below, half, 1)
        return np.asarray(near * factor * share(below, half * half) * factor).astype(x.dtype)

    return value


def _logistic(below: Array, e: Array) -> Array:
    return np.asarray(1 / (1 + e))


def _tanh_of_softplus(below: Array, e: Array) -> Array:
    """Return n / (n + 2) for n = exp(x)·(exp(x) + 2), in terms of what is at most 1."""
    top = np.where(below, e + 2, 1 + 2 * e)
    return np.asarray(top / np.where(below, e * (e + 2) + 2, 1 + 2 * e * (1 + e)))


def _cubic(x: Array) -> Array:
    return np.asarray(math.sqrt(8 / math.pi) * (x + 0.044715 * x**3))


def _cubic_text(sp: Any, x: Any) -> Any:
    return sp.sqrt(8 / sp.pi) * (x + sp.Rational(44715, 10**6) * x**3)


_ERFC = np.vectorize(math.erfc, otypes=[np.float64])


def _twice_normal(x: Array) -> Array:
    """Return erfc(−x·√½); what the product's rounding takes away, the slope gives back."""
    near = np.clip(x, -_FAR, _FAR).astype(np.float64)
    z = near * -math.sqrt(0.5)
    rest = (near.astype(np.longdouble) * -np.sqrt(np.longdouble(0.5)) - z).astype(np.float64)
    return np.asarray(_ERFC(z) - math.sqrt(4 / math.pi) * np.exp(-z * z) * rest)


def _gelu(x: Array) -> Array:
    near = np.maximum(x, -_FAR).astype(np.float64)
    return np.asarray(near * (0.5 * _twice_normal(x))).astype(x.dtype)


def _gelu_beside(z: Array) -> Array:
    """Return gelu to first order, by its slope."""
    x = np.real(z)
    near = np.clip(x, -_FAR, _FAR)
    bell = near * np.exp(-0.5 * near * near) * math.sqrt(0.5 / math.pi)
    return np.asarray(_gelu(x) + 1j * np.imag(z) * (0.5 * _twice_normal(x) + bell))


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
row(
    "gelu",
    1,
    evaluate=_gelu,
    continued=_gelu_beside,
    latex=r"{factor[0]} \cdot \Phi\left({0}\right)",
    text="{factor[0]}·Φ({0})",
    numpy="_gelu",
    sympy=lambda sp, a: a * sp.erfc(-a / sp.sqrt(2)) / 2,
    bounds=bounds.dipping(0.17),
    cost=20,
)
row(
    "gelu_tanh",
    1,
    evaluate=_gated(_logistic, _cubic),
    continued=_gated(_logistic, _cubic),
    numpy="_gelu_tanh",
    sympy=lambda sp, a: a / (1 + sp.exp(-_cubic_text(sp, a))),
    bounds=bounds.dipping(0.1701),
    cost=20,
)
