"""Floats through emitted float32 functions, against double precision.

A sample by hand::

    python -m tests.codegen.ulp_float32                         # one float in 997
    python -m tests.codegen.ulp_float32 silu gelu --step 1 --build portable

It prints, for each function and build, the worst error in units in the last place of the true
result (where all are rounded right, 0.5), where that is, how many results are more than one off,
and how many special results (NaN, an infinity, a zero and its sign) are wrong. ``make torture``
tries all floats.
"""

from __future__ import annotations

import argparse
import ctypes
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import graphdl as gd
from graphdl.codegen.toolchain.cache import load
from tests.codegen.agreement import Build, compiled
from tests.codegen.truths import TRUTHS

FLOATS = 1 << 32
BLOCK = 1 << 18
"""Floats that are judged at once: they fit the cache."""

WAYS = {
    b.name: b
    for b in (
        Build("contracted"),
        Build("uncontracted", flags=("-ffp-contract=off",)),
        Build("portable", defines=("GRAPHDL_PORTABLE",)),
    )
}
"""With fused multiply-add, without, and without vectors."""

PRELUDE = r"""
#include <math.h>
#include <stdint.h>
#include <string.h>

/* psi(x): by reflection below 0, by recurrence up to 10, then by Stirling's series. */
static double true_digamma(double x) {
    double shift = 0, z;
    if (isnan(x) || x == -INFINITY) return NAN;
    if (x == 0) return copysign(INFINITY, -x);
    if (x < 0) {
        const double rest = x - rint(x);
        if (rest == 0) return NAN;
        shift = -3.14159265358979323846 / tan(3.14159265358979323846 * rest);
        x = 1 - x;
    }
    for (; x < 10; x += 1) shift -= 1 / x;
    z = 1 / (x * x);
    z *= 1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132
         - z * (691.0 / 32760 - z / 12)))));
    return shift + log(x) - 0.5 / x - z;
}
"""
"""What the expressions of ``TRUTHS`` need."""

_JUDGE = r"""typedef struct {
    double worst;
    int64_t above, wrong;
    float at, wrong_at;
} verdict;

/* An infinity counts as the power of two after the largest float. */
static double finite(double y) { return isinf(y) ? copysign(0x1p128, y) : y; }

/* One unit in the last place of a float of this size. */
static double unit(double size) {
    uint64_t bits;
    double power;
    if (size < 0x1p-126) return 0x1p-149;
    if (size >= 0x1p128) return 0x1p104;
    memcpy(&bits, &size, 8);
    bits &= UINT64_C(0x7FF0000000000000);
    memcpy(&power, &bits, 8);
    return power * 0x1p-23;
}

static void judge_one(verdict *v, double want, float got, float x, int by_size) {
    double size, error;
    if (isnan(want) || isnan(got) || want == 0 || isinf(want)) {
        const int same = isnan(want) ? isnan(got) : want == got && !signbit(want) == !signbit(got);
        if (!same && v->wrong++ == 0) v->wrong_at = x;
        return;
    }
    size = fabs(want);
    want = size > 0x1p128 ? copysign(0x1p128, want) : want;
    error = fabs(finite(got) - want) / unit(by_size && size < 1 ? 1 : size);
    v->above += error > 1;
    if (error > v->worst) {
        v->worst = error;
        v->at = x;
    }
}

/* Most results are rounded right, and need no measuring. */
void judge(verdict *v, const double *want, const float *got, const float *in, int64_t count,
           int by_size) {
    for (int64_t i = 0; i < count; i++) {
        if ((float)want[i] == got[i] && want[i] != 0 && !isinf(want[i])) continue;
        judge_one(v, want[i], got[i], in[i], by_size);
    }
}
"""
_FUNCTION = r"""
void true_@N@(const float *in, double *out, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const double x = in[i];
        out[i] = @VALUE@;
    }
}
"""


class Verdict(ctypes.Structure):
    """What is said about some floats; ``verdict`` of the C text."""

    _fields_ = (
        ("worst", ctypes.c_double),
        ("above", ctypes.c_int64),
        ("wrong", ctypes.c_int64),
        ("at", ctypes.c_float),
        ("wrong_at", ctypes.c_float),
    )


@dataclass(frozen=True)
class Floats:
    """Some of all floats: bits from ``first`` to ``last``, one in ``step``."""

    first: int = 0
    last: int = FLOATS
    step: int = 1

    def blocks(self) -> Iterable[np.ndarray]:
        """Return them, a block at a time."""
        for start in range(self.first, self.last, BLOCK * self.step):
            end = min(start + BLOCK * self.step, self.last)
            yield np.arange(start, end, self.step, dtype=np.uint32).view(np.float32)


@cache
def _library() -> tuple[Any, Mapping[str, Any]]:
    """Return the compiled judge, and by function what gives its true values."""
    text = PRELUDE + _JUDGE
    for number, truth in enumerate(TRUTHS.values()):
        text += _FUNCTION.replace("@N@", str(number)).replace("@VALUE@", truth.c)
    library = ctypes.CDLL(str(load(text, defines=())))
    return library.judge, {name: getattr(library, f"true_{k}") for k, name in enumerate(TRUTHS)}


@cache
def _functions(build: str) -> dict[str, Callable[..., dict[str, np.ndarray]]]:
    """Return all functions as the C target emits them."""
    x = gd.input("x", ("N",))
    graphs = [gd.Graph({"y": t.call(x)}, name=f"f{k}") for k, t in enumerate(TRUTHS.values())]
    module = compiled(graphs, {"N": BLOCK}, WAYS[build])
    return dict(zip(TRUTHS, module.entries.values(), strict=True))


def judged(name: str, builds: Sequence[str], floats: Floats) -> dict[str, Verdict]:
    """Compare a function's results with the true ones, which are computed once for all builds.

    Parameters
    ----------
    name : str
        A key of ``TRUTHS``.
    builds : sequence of str
        Keys of ``WAYS``.
    floats : Floats
        The inputs.
    """
    judge, truths = _library()
    functions = {build: _functions(build)[name] for build in builds}
    verdicts = {build: Verdict(worst=0.5) for build in builds}
    by_size = ctypes.c_int(TRUTHS[name].by_size)
    for x in floats.blocks():
        count, want = ctypes.c_int64(x.size), np.empty(x.size)
        truths[name](_address(x), _address(want), count)
        for build, function in functions.items():
            got = function(x=x)["y"]
            assert got.dtype == np.float32
            verdict = ctypes.byref(verdicts[build])
            judge(verdict, *map(_address, (want, got, x)), count, by_size)
    return verdicts


def _address(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def problems(name: str, build: str, verdict: Verdict) -> list[str]:
    """Say where a verdict breaks the bound of its function."""
    bound, found = TRUTHS[name].bound, []
    if verdict.worst > bound:
        at = f"{verdict.worst:.2f} ULP at {verdict.at:.9g}, {bound:g} allowed"
        found.append(f"{name} ({build}): {at}")
    if verdict.wrong:
        at = f"{verdict.wrong} special results, first at {verdict.wrong_at:.9g}"
        found.append(f"{name} ({build}): {at}")
    return found


def main() -> int:
    """Judge the functions named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("functions", nargs="*", choices=[[], *TRUTHS], default=[])
    parser.add_argument("--build", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--step", type=int, default=997)
    options = parser.parse_args()
    failures = 0
    for name in options.functions or TRUTHS:
        started = time.perf_counter()
        verdicts = judged(name, options.build, Floats(step=options.step))
        print(f"{name}, {time.perf_counter() - started:.1f} s")
        for build, v in verdicts.items():
            failures += len(problems(name, build, v))
            print(
                f"    {build:14} worst {v.worst:8.4f} ULP at {v.at:<14.9g} {v.above:10} above 1, "
                f"{v.wrong} wrong ({v.wrong_at:g})",
                flush=True,
            )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
