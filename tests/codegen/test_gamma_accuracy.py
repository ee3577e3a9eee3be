"""lgamma and its derivatives within 2 units in the last place where what they add up cancels.

A unit is never smaller than that of 1: near a zero no digits are promised.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import mpmath
import numpy as np
import pytest

import graphdl as gd
from tests.codegen.agreement import compiled
from tests.codegen.truths import PAIRS, PRIMITIVE, TRUTHS
from tests.codegen.ulp_float32 import WAYS

FUNCTIONS: dict[str, tuple[Callable[..., gd.Node], Callable[..., mpmath.mpf]]] = {
    **{n: (TRUTHS[n].call, TRUTHS[n].precise) for n in ("lgamma", "digamma")},
    **{
        n: (lambda x, p=p: p.call(x, x), lambda x, p=p: p.precise(0, x))
        for n, p in PAIRS.items()
        if n.startswith("polygamma")
    },
}
FOUND = (
    *(-1062.846448969934, -506.8402428357458, -63.84318739326042, -246259114.9522988),
    *(-463.8779304439085, -62.804232818899784, -16.999999999999996, -15.999999999999996),
    *(-7.0101254026313065, -2.909380788127491, -0.4997185310964749, -9.342338120508701),
    *(-8.536091697342304, -6.6166197258211, 1.1282736183506152, 1.8e224, -0.9967714064339219),
)
"""Where the trial of float64 points found the largest errors, before and after they were mended."""
ZEROS = -np.arange(1, 25) + 0.5
"""Between any two poles digamma is 0 once, and so are lgamma's and polygamma's slopes."""
COUNT = 160


@cache
def _points(name: str) -> np.ndarray:
    """Return what was found, zeros between poles, and numbers next to poles."""
    rng = np.random.default_rng(11)
    zeros, low, high = ZEROS.copy(), ZEROS - 0.4999, ZEROS + 0.4999
    if name == "digamma":
        for _ in range(60):
            zeros = (low + high) / 2
            below = np.array([mpmath.digamma(z) < 0 for z in zeros])
            low, high = np.where(below, zeros, low), np.where(below, high, zeros)
    beside = [np.nextafter(-k, side) for k in range(1, 21) for side in (-np.inf, np.inf)]
    far = -np.exp(rng.uniform(2, 10, 40))
    x = np.concatenate([FOUND, zeros, beside, far, rng.uniform(-30, 30, COUNT)])[:COUNT]
    return x if name in TRUTHS else x[np.abs(x) < 1e8]


@cache
def _true(name: str) -> list[mpmath.mpf]:
    with mpmath.workprec(250):
        return [FUNCTIONS[name][1](mpmath.mpf(x)) for x in _points(name).tolist()]


def _check(name: str, got: np.ndarray, bound: float = PRIMITIVE) -> None:
    """Compare values at the points of a function with the true ones."""
    with mpmath.workprec(250):
        for x, want, value in zip(_points(name), _true(name), got.tolist(), strict=True):
            unit = mpmath.ldexp(1, max(mpmath.frexp(want)[1], 1) - 53)
            error = float(abs(mpmath.mpf(value) - want) / unit)
            assert error <= bound, f"{error:.2f} ULP at {x!r}: {value!r}"


def _graph(name: str) -> gd.Graph:
    x = gd.input("x", ("N",), "float64")
    return gd.Graph({"y": FUNCTIONS[name][0](x)}, name=f"f{list(FUNCTIONS).index(name)}")


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize("way", WAYS)
def test_c(way):
    module = compiled([_graph(n) for n in FUNCTIONS], {"N": COUNT}, WAYS[way])
    for name, function in zip(FUNCTIONS, module.entries.values(), strict=True):
        _check(name, function(_points(name))["y"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numpy(name):
    module = gd.compile(_graph(name), target="numpy", dims={"N": COUNT})
    _check(name, next(iter(module.entries.values()))(_points(name))["y"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_oracle_is_nearly_rounded(name):
    _check(name, gd.interpret(_graph(name), {"x": _points(name)})["y"], 0.51)
