"""All 2^32 floats through each float32 function of the C runtime, against libm in double.

Run by hand::

    python tests/codegen/ulp_float32.py                # every function, on every core
    python tests/codegen/ulp_float32.py exp tanh --flags="-march=native -ffp-contract=off"
    python tests/codegen/ulp_float32.py --step 997     # a sample

It prints, for each function, the worst error in units in the last place of the true result, where
it occurs, how many inputs are more than one off, and how many special results (NaN, sign of
zero) are wrong; it fails if any of these breaks the stated bound: 2, of erfc 2.5.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import graphdl  # noqa: F401 - makes graphdl.codegen importable in a bare checkout
from graphdl.codegen.c import runtime

REFERENCES = {
    "exp": "exp(x)",
    "expm1": "expm1(x)",
    "log": "log(x)",
    "log1p": "log1p(x)",
    "tanh": "tanh(x)",
    "sigmoid": "x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))",
    "erf": "erf(x)",
    "erfc": "erfc(x)",
    "cbrt": "cbrt(x)",
}
BOUND = 2.0
WIDER = {"erfc": 2.5}
_PROGRAM = r"""
#include <stdio.h>
#include <string.h>

static double true_value(double x) { return REFERENCE; }

/* An infinity counts as the power of two after the largest float. */
static double finite(double y) { return isinf(y) ? copysign(0x1p128, y) : y; }

int main(void) {
    double worst = 0;
    float at = 0, in[F32_LANES], out[F32_LANES];
    unsigned long long above = 0, wrong = 0;
    for (uint64_t i = FIRST; i < LAST; i += F32_LANES * (uint64_t)STEP) {
        for (uint64_t k = 0; k < F32_LANES; k++) {
            uint32_t bits = (uint32_t)(i + k * STEP);
            memcpy(&in[k], &bits, 4);
        }
        f32v_store(out, FUNCTION(f32v_load(in)));
        for (int k = 0; k < F32_LANES; k++) {
            const double want = true_value(in[k]);
            int power;
            if (isnan(want) || isnan(out[k])) {
                wrong += isnan(want) != isnan(out[k]);
                continue;
            }
            if (want == 0 || isinf(want)) {
                wrong += want != out[k] || !signbit(want) != !signbit(out[k]);
                continue;
            }
            frexp(want, &power);
            const double ulp = ldexp(1, power < -125 ? -149 : power > 128 ? 104 : power - 24);
            const double target = fabs(want) > 0x1p128 ? copysign(0x1p128, want) : want;
            const double error = fabs(finite(out[k]) - target) / ulp;
            above += error > 1;
            if (error > worst) {
                worst = error;
                at = in[k];
            }
        }
    }
    printf("%.17g %.9g %llu %llu\n", worst, (double)at, above, wrong);
    return 0;
}
"""


def check(
    name: str, cc: str, flags: Sequence[str], step: int, parts: int
) -> tuple[float, str, int, int]:
    """Worst error, where, how many above one, how many special results wrong."""
    text = runtime.source([f"f32v_{name}", "f32v_load", "f32v_store"]) + _PROGRAM
    with tempfile.TemporaryDirectory() as folder:
        code, program = Path(folder) / "check.c", Path(folder) / "check"
        code.write_text(text)

        def part(index: int) -> tuple[float, str, int, int]:
            first, last = ((1 << 32) * k // parts // 64 * 64 for k in (index, index + 1))
            defines = {
                "REFERENCE": REFERENCES[name],
                "FUNCTION": f"f32v_{name}",
                "FIRST": f"{first}ull",
                "LAST": f"{last}ull",
                "STEP": str(step),
            }
            binary = f"{program}{index}"
            command = [cc, "-std=c99", "-O3", "-fno-math-errno", "-fno-trapping-math", *flags]
            command += [f"-D{key}={value}" for key, value in defines.items()]
            subprocess.run([*command, str(code), "-o", binary, "-lm"], check=True)
            done = subprocess.run([binary], check=True, capture_output=True, text=True)
            worst, at, above, wrong = done.stdout.split()
            return float(worst), at, int(above), int(wrong)

        with ThreadPoolExecutor(parts) as pool:
            found = list(pool.map(part, range(parts)))
    worst, at = max((row[0], row[1]) for row in found)
    return worst, at, sum(row[2] for row in found), sum(row[3] for row in found)


def main() -> int:
    """Check the functions named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("functions", nargs="*", choices=[[], *REFERENCES], default=[])
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--flags", default="-march=native -ffp-contract=fast")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--parts", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if shutil.which(options.cc) is None:
        parser.error(f"no C compiler {options.cc!r} was found")
    failures = 0
    for name in options.functions or REFERENCES:
        worst, at, above, wrong = check(
            name, options.cc, options.flags.split(), options.step, options.parts
        )
        failures += worst > WIDER.get(name, BOUND) or wrong > 0
        print(f"{name:8} worst {worst:.4f} ULP at {at}, {above} above 1, {wrong} wrong", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
