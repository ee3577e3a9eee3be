"""gd.verify: a gradient compared with an independent method, at random points.

What agrees is *checked*, at these points and to these digits. That is no proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.differentiation import reached_params
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.errors import ArgumentError, GradientError
from graphdl.ir.node import Node
from graphdl.verification.comparison import METHODS, Comparison
from graphdl.verification.result import Verification


def verify(
    loss: Node,
    wrt: Node | Sequence[Node] | None = None,
    *,
    points: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
) -> Verification:
    """Compare the gradient of a loss with an independent method at random points.

    The gradient is evaluated in float64 by the interpreter. Along random directions of each
    variable, and for some single elements, it is compared with the complex step where every scalar
    function is analytic, and else with extrapolated central differences.

    Parameters
    ----------
    loss : Node
        A floating scalar.
    wrt : node or sequence of Node, optional
        Variables; by default all parameters that the loss depends on.
    points : int
        Number of random points.
    seed : int
        Where chance starts.
    inputs : mapping of str to array_like, optional
        Inputs that shall not be drawn at random.
    dims : mapping of str to int, optional
        Sizes of symbolic dims, a few elements by default.

    Returns
    -------
    Verification
        Its ``verdict`` is ``"checked"`` or ``"refuted"``; a refutation has a counterexample.

    Raises
    ------
    GradientError
        If there is nothing to differentiate, or no point with a finite loss is found.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (3,), init=[1.0, 2.0, 3.0])
    >>> r = gd.verify(gd.sum(gd.tanh(w) * w))
    >>> r.verdict, r.method, r.digits > 12
    ('checked', 'complex step in complex128', True)
    """
    variables = _variables(loss, wrt)
    if points < 1:
        raise ArgumentError(f"points={points}", remedy="use at least 1")
    comparison = Comparison(loss, variables, dict(inputs or {}), dict(dims or {}))
    generator = np.random.default_rng(seed)
    failure: NotAnalyticError | None = None
    for method, measure, needed in METHODS:
        try:
            return comparison.run(method, measure, needed, points, generator)
        except NotAnalyticError as error:
            failure = error
    assert failure is not None
    raise GradientError(
        f"no derivative of {loss!r} can be measured: its loss is not smooth around the points",
        site=loss.site,
        remedy="pass inputs=... at which it is",
    ) from failure


def _variables(loss: Node, wrt: Node | Sequence[Node] | None) -> list[Node]:
    if not isinstance(loss, Node):
        raise ArgumentError(
            f"verify needs a loss, not {type(loss).__name__}",
            remedy="pass the node: gd.verify(graph.outputs['loss'])",
        )
    if wrt is None:
        return reached_params(loss)
    return [wrt] if isinstance(wrt, Node) else list(wrt)
