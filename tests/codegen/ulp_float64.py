"""Random and hard points through emitted float64 functions, against mpmath.

A sample by hand::

    python -m tests.codegen.ulp_float64                       # 1,000 points a function
    python -m tests.codegen.ulp_float64 silu gelu --points 100000 --build portable

``make torture`` tries 100,000 points a function.
"""

from __future__ import annotations

import argparse
import ctypes
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath
import numpy as np

import graphdl as gd
from graphdl.codegen.toolchain.cache import load
from tests.codegen.agreement import compiled
from tests.codegen.truths import PAIRS, TRUTHS, Pair, Truth
from tests.codegen.ulp_float32 import PRELUDE, WAYS

CHUNK = 1000
"""Points of one call."""
_BITS = 250
"""Of mpmath's numbers; so 1 + exp(-100) keeps 100 bits of what is beside 1."""
_TOP = mpmath.ldexp(1, 1024)

EDGES = (
    *(1.0, 0.5, 2.0, 0.5625, 3.0, 4.0, 6.0, 0.34657359, 0.70710678, 1.41421356, 0.41421356),
    *(37.0, 40.0, 75.0, 17.3, 20.0, 36.7368, 18.714973875, 5.9215871957945, 26.5432, 27.226),
    *(709.782712893384, 745.13321910194, 708.39641853226, 710.4758600739439, 1022.0, 1074.0),
    *(5e-324, 1e-310, 2.2250738585072014e-308, 1e-20, 1e-8, 1.4616321449683622, 2.5, 10.0),
    *(1.7976931348623157e308, 1e15, 2.0**52, 2.0**53, 0.9999999999999999, 1e-300, 1e300),
)
"""Where a formula changes, or a result leaves the range."""
SPECIAL = (0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan)


@dataclass
class Verdict:
    """The worst of some points.

    Attributes
    ----------
    worst : float
        Units in the last place.
    at : tuple of float
        Where.
    got : float
        What was given there.
    wrong : list of str
        Results that are NaN, or special and not the right ones.
    """

    worst: float
    at: tuple[float, ...]
    got: float
    wrong: list[str]


def points(name: str, seed: int) -> list[np.ndarray]:
    """Return the operands of one call: all sizes, moderate sizes, edges, and where it is hard."""
    rng = np.random.default_rng([seed, *name.encode()])
    if name in PAIRS:
        return list(PAIRS[name].points(rng, CHUNK))
    bits = rng.integers(0, 1 << 64, CHUNK // 4, np.uint64, endpoint=False).view(np.float64)
    sizes = np.exp(rng.uniform(-25.0, 7.0, CHUNK // 4)) * rng.choice([-1.0, 1.0], CHUNK // 4)
    hard = TRUTHS[name].hard(rng.integers(-1000, 1000, CHUNK // 8))
    edges = rng.choice(EDGES, CHUNK // 8) * rng.choice([-1.0, 1.0], CHUNK // 8)
    near = np.concatenate([hard, edges])
    for _ in range(3):
        near = np.where(rng.random(near.size) < 0.5, near, np.nextafter(near, rng.normal()))
    plain = rng.uniform(-10.0, 10.0, CHUNK - bits.size - sizes.size - near.size)
    return [np.concatenate([bits, sizes, near, plain])]


@cache
def _functions(build: str) -> dict[str, Callable[..., dict[str, np.ndarray]]]:
    """Return all functions as the C target emits them."""
    a, b = (gd.input(k, ("N",), "float64") for k in "ab")
    results = [(t.call(a), [a]) for t in TRUTHS.values()]
    results += [(p.call(a, b), [a, b]) for p in PAIRS.values()]
    graphs = [gd.Graph({"y": y}, name=f"f{k}", inputs=xs) for k, (y, xs) in enumerate(results)]
    module = compiled(graphs, {"N": CHUNK}, WAYS[build])
    return dict(zip([*TRUTHS, *PAIRS], module.entries.values(), strict=True))


def _value(truth: Truth | Pair, point: tuple[float, ...]) -> Any:
    """Return the true value as an mpmath number; NaN outside of the domain, None at its edge."""
    if not all(map(math.isfinite, point)):
        return None
    try:
        value = truth.precise(*map(mpmath.mpf, point))
    except (ValueError, ZeroDivisionError):
        return None
    if isinstance(value, mpmath.mpc):
        return mpmath.nan
    return None if mpmath.isinf(value) else value


def judged(name: str, build: str, seed: int) -> Verdict:
    """Compare a function's results with the true ones, at the points of a seed."""
    truth: Truth | Pair = TRUTHS[name] if name in TRUTHS else PAIRS[name]
    columns = points(name, seed)
    got = _functions(build)[name](*columns)["y"].tolist()
    verdict = Verdict(0.0, (), 0.0, [])
    with mpmath.workprec(_BITS):
        for point, value in zip(
            zip(*map(np.ndarray.tolist, columns), strict=True), got, strict=True
        ):
            want = _value(truth, point)
            if want is None:
                continue
            if mpmath.isnan(want) or math.isnan(value):
                if not (mpmath.isnan(want) and math.isnan(value)):
                    verdict.wrong.append(f"{value!r} at {point}")
                continue
            error = _units(want, value, truth)
            if error > verdict.worst:
                verdict.worst, verdict.at, verdict.got = error, point, value
    return verdict


def _units(want: Any, value: float, truth: Truth | Pair) -> float:
    """Return an error in units in the last place; an infinity counts as 2^1024."""
    size = abs(want)
    power = max(mpmath.frexp(size)[1] if want else -1022, 1 if truth.by_size else -1021)
    unit = mpmath.ldexp(1, min(power, 1024) - 53)
    capped = mpmath.sign(want) * min(size, _TOP)
    finite = math.copysign(1.0, value) * _TOP if math.isinf(value) else mpmath.mpf(value)
    return float(abs(finite - capped) / unit)


@cache
def _specials() -> dict[str, Callable[[float], float]]:
    """Return the functions as C computes them in double: right at the special points."""
    text = PRELUDE
    for number, truth in enumerate(TRUTHS.values()):
        text += f"double special_{number}(double x) {{ return {truth.c}; }}\n"
    library = ctypes.CDLL(str(load(text, defines=())))
    found = {}
    for number, name in enumerate(TRUTHS):
        function = getattr(library, f"special_{number}")
        function.argtypes, function.restype = [ctypes.c_double], ctypes.c_double
        found[name] = function
    return found


def special_results(name: str, build: str) -> list[str]:
    """Say where NaN, an infinity or a zero with its sign is not what it must be."""
    got = _functions(build)[name](np.array(SPECIAL))["y"].tolist()
    wrong = []
    for x, value in zip(SPECIAL, got, strict=True):
        want = _specials()[name](x)
        if math.isfinite(want) and want:
            continue
        same = math.isnan(want) and math.isnan(value)
        if not (same or (want == value and math.copysign(1, want) == math.copysign(1, value))):
            wrong.append(f"{name} ({build}): {value!r} instead of {want!r} at {x!r}")
    return wrong


def problems(name: str, build: str, verdict: Verdict) -> list[str]:
    """Say where a verdict breaks the bound of its function."""
    truth: Truth | Pair = TRUTHS[name] if name in TRUTHS else PAIRS[name]
    found = [f"{name} ({build}): {w}" for w in verdict.wrong[:3]]
    if verdict.worst > truth.bound:
        at = f"{verdict.worst:.2f} ULP at {verdict.at}: {verdict.got!r}, {truth.bound:g} allowed"
        found.append(f"{name} ({build}): {at}")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Judge the functions named on the command line."""
    names = [*TRUTHS, *PAIRS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("functions", nargs="*", choices=[[], *names], default=[])
    parser.add_argument("--build", choices=WAYS, default="contracted")
    parser.add_argument("--points", type=int, default=CHUNK)
    options = parser.parse_args(words)
    failures = 0
    for name in options.functions or names:
        started = time.perf_counter()
        seeds = range(max(options.points // CHUNK, 1))
        verdicts = [judged(name, options.build, seed) for seed in seeds]
        wrong = special_results(name, options.build) if name in TRUTHS else []
        wrong += [w for v in verdicts for w in problems(name, options.build, v)]
        worst = max(verdicts, key=lambda v: v.worst)
        failures += bool(wrong)
        print(
            f"{name:14} worst {worst.worst:8.4f} ULP at {worst.at}, {len(wrong)} problems, "
            f"{time.perf_counter() - started:.1f} s",
            *wrong[:3],
            sep="\n    ",
            flush=True,
        )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
