"""Medians of the time that one call of an entry point takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from graphdl.compiler import compile
from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import Graph
from graphdl.ir.sampling import random_inputs


@dataclass(frozen=True, slots=True)
class Timing:
    """One entry point of one target.

    Attributes
    ----------
    entry, target : str
        What was called.
    seconds : float or None
        Median of a call; None if the target could not be built.
    calls : int
        How many calls were timed.
    note : str
        Why there is no time.
    """

    entry: str
    target: str
    seconds: float | None
    calls: int
    note: str = ""


def time_entries(
    graphs: Sequence[Graph], targets: Sequence[str], dims: Mapping[str, int], budget: float
) -> list[Timing]:
    """Time every graph on every target, at the dims' maxima and random inputs.

    Parameters
    ----------
    graphs : sequence of Graph
        Entry points of one module.
    targets : sequence of str
        As for ``gd.compile``.
    dims : mapping of str to int
        Size of each symbolic dim.
    budget : float
        Seconds spent on one entry point of one target, about.
    """
    found = []
    for target in targets:
        try:
            module = compile(list(graphs), target=target, name="bench", dims=dims)
        except GraphdlError as error:
            first = str(error).splitlines()[0]
            found += [Timing(g.name, target, None, 0, first) for g in graphs]
            continue
        for graph, (entry, call) in zip(graphs, module.entries.items(), strict=True):
            inputs = random_inputs(graph, np.random.default_rng(0), dims)
            seconds, calls = median(partial(call, **inputs), budget)
            found.append(Timing(entry, target, seconds, calls))
    return found


def median(call: Callable[[], Any], budget: float, least: int = 5) -> tuple[float, int]:
    """Return the median time of a call in seconds, and the number of calls that were timed."""
    call()
    call()  # the first calls fill caches
    times: list[float] = []
    until = time.perf_counter() + budget
    while len(times) < least or time.perf_counter() < until:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times), len(times)
