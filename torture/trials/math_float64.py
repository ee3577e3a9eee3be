"""Random and hard float64 points through every function that C emits, against mpmath."""

from __future__ import annotations

from graphdl.codegen.toolchain.compiler import has_compiler
from tests.codegen.truths import PAIRS, TRUTHS
from tests.codegen.ulp_float32 import WAYS
from tests.codegen.ulp_float64 import CHUNK, judged, problems, special_results
from torture.trial import Trial

POINTS = 100_000
CHUNKS = POINTS // CHUNK
ROWS = [(name, way) for way in WAYS for name in (*TRUTHS, *PAIRS)]


def run(units: range) -> list[str]:
    """Judge 1,000 points a unit: unit ``100 k + c`` is chunk c of row k."""
    found = []
    for unit in units:
        name, way = ROWS[unit // CHUNKS]
        chunk = unit % CHUNKS
        wrong = problems(name, way, judged(name, way, chunk))
        if chunk == 0 and name in TRUTHS:
            wrong += special_results(name, way)
        found += [f"unit {unit}: {problem}" for problem in wrong]
    return found


def missing() -> str | None:
    """Say whether there is no compiler."""
    return None if has_compiler() else "no C compiler was found"


TRIAL = Trial(
    name="math_float64",
    promise=(
        "Emitted float64 functions are within 2 units in the last place (several instructions 4), "
        "lgamma and its derivatives by max(1, |value|), NaN, zeros and infinities exact: 100,000 "
        "points a function, against mpmath"
    ),
    unit="thousands of points",
    count=len(ROWS) * CHUNKS,
    batch=50,
    run=run,
    missing=missing,
)
