"""Every elementwise function of C, at 10,000 points a function, against mpmath.

Bounds are in units in the last place of the true value. Those of lgamma, digamma and polygamma
are relative to ``max(1, |value|)``: near a zero of theirs they promise no more digits than that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from graphdl.codegen.c import runtime
from graphdl.codegen.toolchain.compiler import Compiler
from tests.codegen.c_runtime_library import Call, Library, compile_c, flags
from tests.codegen.truths import PAIRS, TRUTHS

COUNT = {"f64v": 10_000, "f32v": 2_000}
TYPES = {"f64v": np.dtype(np.float64), "f32v": np.dtype(np.float32)}
MODES = ("native", "portable")
BOUND = 2.0
WIDER = {"silu": 4.0, "mish": 4.0, "gelu": 4.0, "gelu_tanh": 4.0}
BY_SIZE = {"lgamma", "digamma", "polygamma"}
"""Functions whose bound is relative to max(1, |value|), in units of the last place of that."""

Points = Callable[[np.random.Generator, int], Any]


def spread(low: float, high: float) -> Points:
    """Return points whose logarithm is uniform, of both signs."""
    return lambda rng, n: np.exp(rng.uniform(np.log(low), np.log(high), n)) * rng.choice([-1, 1], n)


def between(low: float, high: float) -> Points:
    """Return uniform points."""
    return lambda rng, n: rng.uniform(low, high, n)


def positive(points: Points) -> Points:
    return lambda rng, n: np.abs(points(rng, n))


def half_and_half(one: Points, other: Points) -> Points:
    return lambda rng, n: np.concatenate([one(rng, n // 2), other(rng, n - n // 2)])


_REALS = half_and_half(spread(1e-30, 1e30), between(-4, 4))
_ANGLES = half_and_half(spread(1e-30, 1e8), between(-10, 10))
_UNIT = half_and_half(between(-1, 1), lambda rng, n: 1 - spread(1e-6, 1)(rng, n) % 2)
_POSITIVE = half_and_half(positive(spread(1e-35, 1e35)), between(0.5, 2))
_GAMMA = half_and_half(
    half_and_half(positive(spread(1e-6, 1e6)), between(-8, 12)), between(0.5, 2.5)
)

ONE: dict[str, Points] = {
    "exp": between(-87, 88),
    "exp2": between(-125, 127),
    "expm1": half_and_half(spread(1e-30, 1), between(-80, 88)),
    "log": _POSITIVE,
    "log2": _POSITIVE,
    "log10": _POSITIVE,
    "log1p": half_and_half(positive(spread(1e-30, 1e30)), between(-0.999, 1)),
    "cbrt": _REALS,
    "sin": _ANGLES,
    "cos": _ANGLES,
    "tan": _ANGLES,
    "asin": _UNIT,
    "acos": _UNIT,
    "atan": _REALS,
    "sinh": half_and_half(spread(1e-30, 1), between(-88, 88)),
    "cosh": half_and_half(spread(1e-30, 1), between(-88, 88)),
    "tanh": half_and_half(spread(1e-30, 1), between(-20, 20)),
    "asinh": _REALS,
    "acosh": lambda rng, n: 1 + positive(spread(1e-6, 1e30))(rng, n),
    "atanh": _UNIT,
    "sigmoid": between(-80, 40),
    "erf": half_and_half(spread(1e-30, 1), between(-6, 6)),
    "erfc": half_and_half(between(-6, 9), between(0.4, 4)),
    "silu": half_and_half(spread(1e-30, 1), between(-87, 88)),
    "mish": half_and_half(spread(1e-30, 1), between(-87, 88)),
    "gelu": half_and_half(spread(1e-30, 1), between(-13, 88)),
    "gelu_tanh": half_and_half(spread(1e-30, 1), between(-10, 88)),
    "lgamma": _GAMMA,
    "digamma": _GAMMA,
}
"""Functions of one operand and where they are tried; ``truths`` knows what they must give."""
TWO: dict[str, tuple[Callable[..., Any], Points, Points]] = {
    "atan2": (PAIRS["atan2"].precise, _REALS, _REALS),
    "hypot": (PAIRS["hypot"].precise, _REALS, _REALS),
    "exp_product": (lambda a, b: mpmath.exp(a * b), between(-9, 9), between(-9, 9)),
    "pow": (PAIRS["power"].precise, positive(between(0.01, 8)), between(-20, 20)),
    "polygamma": (
        lambda n, x: mpmath.psi(int(n), x),
        lambda rng, n: rng.integers(1, 5, n),
        half_and_half(between(-4, 12), positive(spread(1e-3, 1e4))),
    ),
}
ROWS = {"gelu_tanh": "gelu by tanh"}
"""Instructions that stand in ``truths`` under another name."""
ALL = {**{n: (TRUTHS[ROWS.get(n, n)].precise, points) for n, points in ONE.items()}, **TWO}
CALLS = [Call(f"{t}_{n}", (t,) * (1 if n in ONE else 2), t) for t in TYPES for n in ALL]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, needs_cc: Compiler) -> dict[str, Library]:
    """The functions compiled in two modes."""
    folder: Path = tmp_path_factory.mktemp("accuracy")
    names = {name for call in CALLS for name in call.needs()}
    text = runtime.source(names) + "".join(call.code() for call in CALLS)
    options = ("-O1", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")
    found = {}
    for mode in MODES:
        path = folder / f"{mode}.so"
        given = (*options, *flags(mode, needs_cc.native_flag))
        compile_c(needs_cc.command, text, path, given)
        found[mode] = Library(path, CALLS)
    return found


@cache
def true(kind: str, name: str) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Return points, the true values, and what these lose as float64."""
    rng = np.random.default_rng(len(name))
    function, *points = ALL[name]
    columns = [p(rng, COUNT[kind]).astype(TYPES[kind]) for p in points]
    rows = [c.tolist() for c in columns]
    with mpmath.workdps(50):
        exact = [function(*map(mpmath.mpf, row)) for row in zip(*rows, strict=True)]
        high = [float(v) for v in exact]
        low = [float(v - h) for v, h in zip(exact, high, strict=True)]
    return columns, np.array(high), np.array(low)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", ALL)
def test_units_in_the_last_place(
    libraries: dict[str, Library], mode: str, kind: str, name: str
) -> None:
    columns, high, low = true(kind, name)
    got = libraries[mode](f"{kind}_{name}", *columns).astype(np.float64)
    size = np.maximum(np.abs(high), 1.0) if name in BY_SIZE else np.abs(high)
    unit = np.spacing(size.astype(TYPES[kind])).astype(np.float64)
    errors = np.abs((got - high) - low) / unit
    worst = int(np.argmax(errors))
    bound = WIDER.get(name, BOUND)
    assert errors[worst] <= bound, (errors[worst], [c[worst] for c in columns], got[worst])
