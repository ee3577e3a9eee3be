"""All families: the ones written for their functions, and the two that take any other."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from graphdl.ir.errors import ArgumentError
from graphdl.ops import FUNCTIONS
from graphdl.verification.random_graphs import (
    assemblies,
    elementwise,
    integers,
    making,
    places,
    products,
    reductions,
    running,
    unknown,
    views,
)
from graphdl.verification.random_graphs.family import Family

WRITTEN = (
    *products.FAMILIES, *reductions.FAMILIES, *running.FAMILIES, *places.FAMILIES,
    *views.FAMILIES, *assemblies.FAMILIES, *making.FAMILIES, *integers.FAMILIES,
    *elementwise.FAMILIES,
)  # fmt: skip

_ARITHMETIC = ("add", "subtract", "multiply", "maximum", "where", "tanh")
"""Drawn more often than other elementwise functions: what networks consist of."""
_ELEMENTWISE_WEIGHT = 30


@lru_cache(maxsize=8)
def families(allowed: Collection[str] | None = None) -> tuple[Family, ...]:
    """Return families that draw from the catalogue, or from some functions of it.

    Raises
    ------
    ArgumentError
        If a name is no function's.
    """
    wanted = frozenset(FUNCTIONS if allowed is None else allowed)
    if wanted - FUNCTIONS.keys():
        raise ArgumentError(
            f"no functions are named {sorted(wanted - FUNCTIONS.keys())}",
            remedy="use names of gd's functions of arrays, such as ['exp', 'matmul']",
        )
    found = [
        Family(f.draw, names, f.weight)
        for f in WRITTEN
        if (names := tuple(n for n in f.names if n in wanted or (allowed is None and not n)))
    ]
    named = {n for f in WRITTEN for n in f.names}
    scalar = [n for n in sorted(wanted) if _is_drawn_elementwise(n, n in named)]
    if scalar:
        often = tuple(n for n in _ARITHMETIC if n in wanted)
        found.append(Family(elementwise.draw, (*scalar, *often * 3), _ELEMENTWISE_WEIGHT))
    others = tuple(n for n in sorted(wanted - named) if not elementwise.rules(n) and n != "full")
    if others:
        found.append(Family(unknown.draw, others, 2))
    return tuple(found)


def _is_drawn_elementwise(name: str, is_written: bool) -> bool:
    """Whether a function is drawn by its scalar rule: those of floats are, written or not."""
    rules = elementwise.rules(name)
    return bool(rules) and not (is_written and rules[0].op.accepts == "integer")
