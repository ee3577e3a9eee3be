"""Our own vector math within 2 units in the last place, and exact at the special values.

`ulp_float32.py` beside this file tries all float32 inputs.
"""

from __future__ import annotations

import math
from functools import cache

import mpmath
import numpy as np
import pytest

from graphdl.codegen.toolchain.compiler import Compiler
from tests.codegen.c_runtime_library import MODES, SCALARS, Call, Library, build_all
from tests.codegen.truths import TRUTHS

BOUND = 2.0
WIDER = {
    "silu": 4.0,
    "mish": 4.0,
    "gelu": 4.0,
    "gelu_tanh": 4.0,
}  # factors are rounded before they meet
INF, NAN = math.inf, math.nan
KINDS = ("f32v", "f64v")
TRUE = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "mish": TRUTHS["mish"].precise,
    "gelu": TRUTHS["gelu"].precise,
    "gelu_tanh": TRUTHS["gelu by tanh"].precise,
    "erf": mpmath.erf,
    "erfc": lambda x: mpmath.erfc(min(x, 100)),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
}
SPECIAL = {  # pairs, since 0.0 and -0.0 are one key
    "exp": [(-INF, 0.0), (INF, INF), (0.0, 1.0), (-0.0, 1.0), (1e4, INF), (-1e4, 0.0)],
    "expm1": [(-INF, -1.0), (INF, INF), (0.0, 0.0), (-0.0, -0.0), (1e4, INF), (-1e4, -1.0)],
    "log": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-1.0, NAN), (-INF, NAN)],
    "log1p": [(-1.0, -INF), (0.0, 0.0), (-0.0, -0.0), (INF, INF), (-1.5, NAN), (-INF, NAN)],
    "tanh": [(-INF, -1.0), (INF, 1.0), (0.0, 0.0), (-0.0, -0.0), (400.0, 1.0), (-400.0, -1.0)],
    "sigmoid": [(-INF, 0.0), (INF, 1.0), (0.0, 0.5), (-0.0, 0.5), (400.0, 1.0), (-1e4, 0.0)],
    "silu": [(-INF, -0.0), (INF, INF), (0.0, 0.0), (-0.0, -0.0), (400.0, 400.0), (-1e4, -0.0)],
    "mish": [(-INF, -0.0), (INF, INF), (0.0, 0.0), (-0.0, -0.0), (400.0, 400.0), (-1e4, -0.0)],
    "gelu": [(-INF, -0.0), (INF, INF), (0.0, 0.0), (-0.0, -0.0), (400.0, 400.0), (-1e4, -0.0)],
    "gelu_tanh": [(-INF, -0.0), (INF, INF), (0.0, 0.0), (-0.0, -0.0), (1e4, 1e4), (-1e4, -0.0)],
    "erf": [(-INF, -1.0), (INF, 1.0), (0.0, 0.0), (-0.0, -0.0), (40.0, 1.0), (-40.0, -1.0)],
    "erfc": [(-INF, 2.0), (INF, 0.0), (0.0, 1.0), (-0.0, 1.0), (40.0, 0.0), (-40.0, 2.0)],
    "cbrt": [(-INF, -INF), (INF, INF), (0.0, 0.0), (-0.0, -0.0), (27.0, 3.0), (-1.0, -1.0)],
}
# Where a formula changes, and the ends of the range in float32 and float64.
EDGES = (
    *(1.0, 0.5, 2.0, 0.5625, 4.0, 6.0, 0.34657359, 0.70710678, 1.41421356, 0.41421356, 0.29289322),
    *(88.72283, 88.722839, 87.33655, 103.97208, 103.278929, 709.782712893384, 745.13321910194),
    *(708.39641853226, 17.3, 37.4, 18.714973875, 9.010913, 3.9192059, 5.9215871957945),
    *(1e-45, 1e-40, 1.1754944e-38, 5e-324, 1e-310, 2.2250738585072014e-308, 1e-20, 1e-8),
    *(3.4028235e38, 1.7976931348623157e308, 1e15, 33554432.0, 0.9999999, 0.999999999999999),
)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, needs_cc: Compiler) -> dict[str, Library]:
    """The functions of this file compiled in every mode."""
    calls = [Call(f"{kind}_{name}", (kind,), kind) for kind in KINDS for name in TRUE]
    folder = tmp_path_factory.mktemp("math")
    return build_all(needs_cc.command, needs_cc.native_flag, folder, calls)


@cache
def _points(kind: str, name: str) -> np.ndarray:
    """Edges with their neighbours, and random numbers of all sizes, inside the domain."""
    dtype = np.dtype(SCALARS[kind][1])
    rng = np.random.default_rng(7)
    with np.errstate(over="ignore"):
        edges = np.array([s * e for e in EDGES for s in (1, -1)]).astype(dtype)
        sides = [np.nextafter(edges, dtype.type(s * INF)) for s in (1, -1)]
    edges = np.concatenate([edges, *sides])
    sizes = np.exp2(rng.uniform(-12, 7, 500)) * rng.choice([-1, 1], 500)
    bits = rng.integers(0, 256**dtype.itemsize, 300, np.uint64, endpoint=False)
    every = bits.astype(f"u{dtype.itemsize}").view(dtype)
    x = np.concatenate([edges, rng.normal(0, 2, 500).astype(dtype), sizes.astype(dtype), every])
    low = {"log": 0.0, "log1p": -1.0}.get(name, -INF)
    x = x[np.isfinite(x) & (x > low) & (x != 0)]
    return x[: x.size // 16 * 16]


@cache
def _true(kind: str, name: str) -> list[mpmath.mpf]:
    """The true values, to 100 digits where 1 - x cancels."""
    with mpmath.workprec(400 if name in ("expm1", "log1p") else 160):
        return [TRUE[name](mpmath.mpf(float(x))) for x in _points(kind, name)]


def _errors(kind: str, name: str, got: np.ndarray) -> list[float]:
    """Errors in units in the last place of the true value; an infinity is the next power of 2."""
    info = np.finfo(got.dtype)
    top = mpmath.ldexp(1, int(info.maxexp))
    found = []
    with mpmath.workprec(160):
        for want, value in zip(_true(kind, name), got.tolist(), strict=True):
            power = max(mpmath.frexp(want)[1], int(info.minexp) + 1)
            ulp = mpmath.ldexp(1, min(power, int(info.maxexp)) - int(info.nmant) - 1)
            capped = mpmath.sign(want) * min(abs(want), top)
            finite = math.copysign(1, value) * top if math.isinf(value) else mpmath.mpf(value)
            found.append(float(abs(finite - capped) / ulp))
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TRUE)
def test_within_two_units(libraries: dict[str, Library], mode: str, kind: str, name: str) -> None:
    bound = WIDER.get(name, BOUND)
    if mode == "portable":
        bound = max(bound, 3.0)  # there libm's own error counts
    x = _points(kind, name)
    got = libraries[mode](f"{kind}_{name}", x)
    assert not np.isnan(got).any(), x[np.isnan(got)]
    errors = _errors(kind, name, got)
    worst = int(np.argmax(errors))
    assert errors[worst] <= bound, f"{errors[worst]:.3f} ULP at {x[worst]!r}: {got[worst]!r}"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TRUE)
def test_special_values(libraries: dict[str, Library], mode: str, kind: str, name: str) -> None:
    table = np.array([*SPECIAL[name], (NAN, NAN)])
    x, want = np.resize(table[:, 0], 16), np.resize(table[:, 1], 16)
    got = libraries[mode](f"{kind}_{name}", x)
    np.testing.assert_array_equal(got, want, err_msg=str(x))
    wrong = (np.signbit(got) != np.signbit(want)) & ~np.isnan(want)
    assert not wrong.any(), x[wrong]


def test_sigmoid_keeps_its_tail(libraries: dict[str, Library]) -> None:
    got = libraries["native"]("f32v_sigmoid", np.full(16, -100.0))
    np.testing.assert_array_equal(got, np.float32(3.783506e-44))
