"""Every float32 through every function of one float that C emits."""

from __future__ import annotations

from graphdl.codegen.toolchain.compiler import has_compiler
from tests.codegen.truths import TRUTHS
from tests.codegen.ulp_float32 import FLOATS, WAYS, Floats, judged, problems
from torture.trial import Trial

CHUNKS = 256
"""Pieces into which all floats are cut: 2^24 floats make a unit."""
SIZE = FLOATS // CHUNKS
ROWS = list(TRUTHS)


def run(units: range) -> list[str]:
    """Judge all floats of chunks in all builds: unit ``256 k + c`` is chunk c of function k."""
    found = []
    for unit in units:
        name, chunk = ROWS[unit // CHUNKS], unit % CHUNKS
        floats = Floats(chunk * SIZE, (chunk + 1) * SIZE)
        for way, verdict in judged(name, list(WAYS), floats).items():
            found += [f"unit {unit}: {problem}" for problem in problems(name, way, verdict)]
    return found


def missing() -> str | None:
    """Say whether there is no compiler."""
    return None if has_compiler() else "no C compiler was found"


TRIAL = Trial(
    name="math_float32",
    promise=(
        "Emitted float32 functions are within 2 units in the last place (several instructions 4), "
        "NaN, zeros and infinities exact: all floats, in three builds"
    ),
    unit="chunks of 2^24 floats",
    count=len(ROWS) * CHUNKS,
    batch=16,
    run=run,
    missing=missing,
)
