"""Any other function, called as its signature says: so a new one is drawn without a line here.

Parameters are told by annotation and name: arrays come first and have no default, ``axis`` is one
of the first array's axes, bools are drawn, all else keeps its default. Operands are exact, for
nothing is known of kinks; a call that is refused is tried on other operands.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import static_shape
from graphdl.ir.interpreter import run
from graphdl.ir.node import Node
from graphdl.ops import FUNCTIONS
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.elementwise import ATTRIBUTES
from graphdl.verification.random_graphs.known import Known

_TRIES = 12
_REFUSALS = (GraphdlError, TypeError, ValueError, LookupError)


def draw(b: Builder, name: str) -> Known:
    """Apply a function of which only the signature is known; a leaf if it takes nothing offered."""
    for _ in range(_TRIES):
        x = b.array(3, exact=True, number=True)
        arguments, attrs, operands = _arguments(b, name, x)
        try:
            found = FUNCTIONS[name](*arguments, **attrs)
            node = found if isinstance(found, Node) else b.pick(list(found))
            bound = _largest(b, node, operands)
        except _REFUSALS:
            continue
        if bound is not None and b.fits(node.shape):
            b.used.add(name)
            return b.add(node, bound, None if node.dtype.is_float else 0)
    return b.leaf(b.shape())


def _arguments(b: Builder, name: str, x: Known) -> tuple[list[Any], dict[str, Any], list[Known]]:
    """Return what to call a function with, and the arrays in it."""
    arguments: list[Any] = []
    attrs = dict(b.pick(ATTRIBUTES.get(name, ({},))))
    operands: list[Known] = []
    for p in inspect.signature(FUNCTIONS[name]).parameters.values():
        kind = str(p.annotation)
        if p.name in attrs:
            continue
        if p.name in ("axis", "axes", "dim"):
            attrs[p.name] = b.integer(0, x.node.ndim - 1)
        elif kind == "bool":
            attrs[p.name] = b.chance(50)
        elif p.default is p.empty and kind == "int":
            arguments.append(b.integer(1, 3))
        elif p.default is p.empty and p.kind is not p.VAR_KEYWORD:
            operands.append(x if not operands else b.beside(x, exact=True))
            several = p.kind is not p.VAR_POSITIONAL and kind.startswith(("Sequence", "list"))
            arguments.append([x.node, x.node] if several else operands[-1].node)
    return arguments, attrs, operands


def _largest(b: Builder, node: Node, operands: Sequence[Known]) -> float | None:
    """Return the largest size of results on random operands; None if one is not finite."""
    rng = np.random.default_rng(0)
    values: dict[Node, np.ndarray] = {}
    for x in operands:
        shape, unit = static_shape(x.node.shape, b.maxima), 2.0 ** -(x.grain or 0)
        drawn = np.rint(rng.uniform(x.low, x.high, shape) / unit) * unit
        values[x.node] = drawn.astype(x.node.dtype.numpy)
    run([node], values, b.maxima, double=True)
    found = np.abs(values[node].astype(np.float64))
    return 2.0 * float(found.max(initial=1.0)) if np.isfinite(found).all() else None
