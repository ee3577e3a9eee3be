"""gd.verify.random_graph: a graph and values at which it and its gradient are defined."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.dtypes import DType, as_dtype
from graphdl.ir.errors import ArgumentError, DTypeError, GraphError
from graphdl.ir.graph import Graph
from graphdl.verification.random_graphs.builder import Integer
from graphdl.verification.random_graphs.case import Arrays, Case
from graphdl.verification.random_graphs.drawing import draw
from graphdl.verification.random_graphs.points import regular_point

_TRIES = 100


@dataclass(frozen=True)
class RandomGraph:
    """A random graph, and values at which it can be evaluated and differentiated.

    Attributes
    ----------
    graph : Graph
        With outputs ``out0``, ``out1`` … and perhaps ``loss`` and ``grad_<variable>``.
    inputs, state : dict of str to ndarray
        A value for everything that it reads.
    dims : dict of str to int
        The sizes of its symbolic dims there.
    functions : frozenset of str
        Names of the functions of the catalogue that were applied.
    """

    graph: Graph
    inputs: Arrays
    state: Arrays
    dims: dict[str, int]
    functions: frozenset[str]


def random_graph(
    seed: int,
    *,
    nodes: int = 10,
    dtype: Any = None,
    ops: Sequence[str] | None = None,
    gradient: bool = True,
) -> RandomGraph:
    """Return a random graph over the whole catalogue, and values to evaluate it at.

    Shapes fit, symbolic ones included, and operands lie where a function is defined. The values are
    searched: all outputs are finite there, and no kink or jump (a tie of a maximum, a zero of
    ``relu``) lies within 1e-4 of them, so gradients can be compared with differences, too. A seed
    gives the same graph as long as the catalogue stays as it is.

    Parameters
    ----------
    seed : int
        Where chance starts.
    nodes : int
        How many functions are applied; operands that must be brought into a domain add a few.
    dtype : dtype, optional
        Of all floats; by default most are float32, some float64.
    ops : sequence of str, optional
        Names of functions that may be applied, such as ``["exp", "matmul"]``. Besides these there
        are only what brings operands into a domain (``tanh``, ``abs``, products) and reductions of
        the loss.
    gradient : bool
        Whether the outputs include a scalar ``loss`` and its gradients ``grad_<variable>``.

    Returns
    -------
    RandomGraph
        Graph, inputs, state and dims.

    Raises
    ------
    ArgumentError
        If a name is no function's, ``nodes`` is not positive, or ``dtype`` is no float.

    Examples
    --------
    >>> import graphdl as gd
    >>> import numpy as np
    >>> case = gd.verify.random_graph(3, nodes=5, ops=["exp", "matmul"])
    >>> outputs = gd.interpret(case.graph, case.inputs, case.state, dims=case.dims)
    >>> all(np.isfinite(v).all() for v in outputs.values())
    True
    """
    kind = _float(dtype)
    if nodes < 1:
        raise ArgumentError(f"nodes={nodes}", remedy="use at least 1")
    for attempt in range(_TRIES):
        rng = random.Random(f"{seed} {attempt}")
        case = draw(rng.randint, f"random{seed}", nodes, kind, ops, gradient)
        found = at_regular_point(case, rng.randint)
        if found is not None:
            return found
    raise GraphError(
        f"no random graph of {nodes} nodes is defined where it was tried",
        remedy="allow more functions, or another seed",
    )


def at_regular_point(case: Case, integer: Integer) -> RandomGraph | None:
    """Return a case with values at which it is defined; None if some tries find none."""
    dims = {d: integer(max(case.least.get(d, 0), 2), case.most(d)) for d in case.graph.dims}
    point = regular_point(case, dims, np.random.default_rng(integer(0, 2**31 - 1)))
    if point is None:
        return None
    return RandomGraph(case.graph, point.inputs, point.state, dims, case.used)


def _float(dtype: Any) -> DType | None:
    if dtype is None:
        return None
    kind = as_dtype(dtype)
    if not kind.is_float:
        raise DTypeError(f"dtype={kind}", remedy="use 'float32' or 'float64'")
    return kind
