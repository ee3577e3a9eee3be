"""Strategies for hypothesis: random graphs that it makes smaller when a test fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphdl.ir.dtypes import DType, as_dtype
from graphdl.ir.errors import ArgumentError
from graphdl.verification.random_graphs.case import Case
from graphdl.verification.random_graphs.drawing import draw as draw_case
from graphdl.verification.random_graphs.public import RandomGraph, at_regular_point

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_NODES = 8


def random_graphs(
    *,
    nodes: int = _NODES,
    dtype: Any = None,
    ops: Sequence[str] | None = None,
    gradient: bool | None = None,
) -> SearchStrategy[RandomGraph]:
    """Return a strategy of random graphs with values at which they are defined.

    Needs hypothesis, which the extra ``testing`` brings.

    Parameters
    ----------
    nodes : int
        How many functions are applied at most.
    dtype, ops
        As for ``gd.verify.random_graph``.
    gradient : bool, optional
        Whether there are a loss and its gradients; by default in some graphs.

    Returns
    -------
    SearchStrategy
        Of graphs with ``graph``, ``inputs``, ``state`` and ``dims``, as `RandomGraph` has them.

    Raises
    ------
    ArgumentError
        If hypothesis is not installed.

    Examples
    --------
    >>> import graphdl as gd
    >>> import hypothesis
    >>> import numpy as np
    >>> @hypothesis.given(gd.testing.random_graphs(nodes=3))
    ... @hypothesis.settings(max_examples=5, database=None)
    ... def test_all_results_are_finite(case):
    ...     results = gd.interpret(case.graph, case.inputs, case.state, dims=case.dims)
    ...     assert all(np.isfinite(v).all() for v in results.values())
    >>> test_all_results_are_finite()
    """
    st = _strategies()
    drawn = cases(nodes=nodes, dtype=dtype, ops=ops, gradient=gradient)

    def pointed(draw: DrawFn) -> RandomGraph:
        from hypothesis import reject

        case = draw(drawn)
        return at_regular_point(case, lambda low, high: draw(st.integers(low, high))) or reject()

    return st.composite(pointed)()  # type: ignore[no-any-return]


def cases(
    *,
    nodes: int = _NODES,
    dtype: Any = None,
    ops: Sequence[str] | None = None,
    gradient: bool | None = None,
) -> SearchStrategy[Case]:
    """Return a strategy of graphs alone, with how to feed them at any size of their dims."""
    st = _strategies()
    kind: DType | None = None if dtype is None else as_dtype(dtype)

    def case(draw: DrawFn) -> Case:
        def integer(low: int, high: int) -> int:
            number: int = draw(st.integers(low, high))
            return number

        return draw_case(integer, "drawn", integer(1, nodes), kind, ops, gradient)

    return st.composite(case)()  # type: ignore[no-any-return]


def _strategies() -> Any:
    try:
        from hypothesis import strategies
    except ImportError as error:
        raise ArgumentError(
            "random_graphs needs hypothesis",
            remedy="pip install 'graphdl[testing]'",
        ) from error
    return strategies
