"""Long runs: ``python -m tests.codegen.fuzz --seeds 0:1000 --builds plain,portable``.

Prints every disagreement with its seed, and counts at the end; ends with 1 if there was any.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
import warnings
from collections.abc import Sequence

from tests.codegen.agreement import BUILDS, Build, compiled, disagreements, references
from tests.codegen.random_graphs import random_case


def check(seeds: Sequence[int], builds: Sequence[Build]) -> list[str]:
    """Build some seeds as one module, each way, and return what is wrong."""
    cases = [(seed, random_case(seed)) for seed in seeds]
    maxima: dict[str, int] = {}
    for _, case in cases:
        for dim, value in case.maxima.items():
            maxima[dim] = max(maxima.get(dim, 0), value)
    wrong: list[str] = []
    found = {seed: references(case, seed) for seed, case in cases}
    for build in builds:
        graphs = [case.graph for _, case in cases]
        needed = {d: v for d, v in maxima.items() if any(d in g.dims for g in graphs)}
        module = compiled(graphs, needed, build)
        for seed, case in cases:
            wrong += [f"{build.name}: {w}" for w in disagreements(module, case, found[seed])]
    return wrong


def alone(seeds: Sequence[int], builds: Sequence[Build]) -> list[str]:
    """Check seeds together, and one by one where that raises."""
    try:
        return check(seeds, builds)
    except Exception:
        if len(seeds) == 1 and len(builds) == 1:
            text = traceback.format_exc(limit=-4)[-1500:]
            return [f"{builds[0].name}: seed {seeds[0]} raised\n{text}"]
    parts = [[s] for s in seeds] if len(seeds) > 1 else [list(seeds)]
    ways = [builds] if len(seeds) > 1 else [[b] for b in builds]
    return [line for part in parts for way in ways for line in alone(part, way)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0:200", help="first:end")
    parser.add_argument("--batch", type=int, default=25, help="graphs to a C file")
    parser.add_argument("--builds", default=",".join(BUILDS), help=f"of {', '.join(BUILDS)}")
    given = parser.parse_args()
    first, end = (int(part) for part in given.seeds.split(":"))
    builds = [BUILDS[name] for name in given.builds.split(",")]
    warnings.simplefilter("ignore")
    started, failures = time.time(), 0
    for start in range(first, end, given.batch):
        seeds = range(start, min(start + given.batch, end))
        for line in alone(seeds, builds):
            failures += 1
            print(line, flush=True)
    spent = time.time() - started
    print(f"{end - first} graphs, {len(builds)} builds, {failures} failures, {spent:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
